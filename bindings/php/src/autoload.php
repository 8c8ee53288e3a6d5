<?php

declare(strict_types=1);

// For programs without Composer.
spl_autoload_register(static function (string $class): void {
    if (str_starts_with($class, 'Bartizan\\')) {
        $file = __DIR__ . '/' . strtr(substr($class, strlen('Bartizan\\')), '\\', '/') . '.php';
        if (is_file($file)) {
            require $file;
        }
    }
});
