<?php

// Protection of an application that knows nothing of it. In php.ini, or before anything else in the application:
//
//     auto_prepend_file=…/vendor/bartizan/bartizan/protect.php
//
// Settings are environment variables: BARTIZAN_RULES, BARTIZAN_MODE and so on.

declare(strict_types=1);

require_once __DIR__ . '/src/autoload.php';
Bartizan\Entry::protect();
