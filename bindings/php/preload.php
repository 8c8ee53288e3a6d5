<?php

// For php.ini or the pool of PHP-FPM, with absolute paths:
//
//     ffi.enable=preload
//     opcache.preload=…/vendor/bartizan/bartizan/preload.php
//     opcache.preload_user=www-data
//
// Then only code that is preloaded may use FFI: this package, and nothing else.

declare(strict_types=1);

require_once __DIR__ . '/src/autoload.php';
foreach (glob(__DIR__ . '/src/*.php') as $file) {
    // What needs PSR interfaces is the application's to load; it does not use FFI itself.
    if (!in_array(basename($file), ['Middleware.php', 'autoload.php'], true)) {
        require_once $file;
    }
}
