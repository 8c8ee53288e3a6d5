<?php

// Many requests while rules change: `php -d ffi.enable=1 tests/soak.php` in dist/php.

declare(strict_types=1);

require __DIR__ . '/../src/autoload.php';
require __DIR__ . '/checks.php';
require __DIR__ . '/rules.php';

check([
    // 8 workers while rules are swapped: each request gets the verdict of one set of rules or the other, once, in flat
    // memory. BARTIZAN_SOAK=1 makes it a million requests and a thousand swaps.
    'nothing is lost while rules are swapped' => static function () use ($folder): void {
        [$requests, $swaps] = getenv('BARTIZAN_SOAK') === false ? [4000, 10] : [1_000_000, 1000];
        $write = static function (int $at) use ($folder): void {
            file_put_contents("$folder/soak.fresh", rules(rule("n$at", 'z', "z$at")));
            rename("$folder/soak.fresh", "$folder/soak.json");
        };
        $write(0);
        $workers = [];
        for ($worker = 0; $worker < 8; $worker++) {
            $pid = pcntl_fork();
            if ($pid === 0) {
                $log = $lines = [];
                $wrong = $blocked = $told = 0;
                $protection = protect('soak.json', [], $log, $lines);
                $early = 0;
                for ($i = 0; $i < $requests / 8; $i++) {
                    $evil = $i % 2 === 0;
                    $wrong += status($protection, $evil ? '/?q=evil' : '/?q=fine') === ($evil ? 403 : 200) ? 0 : 1;
                    $blocked += (int) $evil;
                    $told += count($lines ?? []);
                    $lines = [];
                    if ($i % 50 === 0) {
                        $protection->look();
                    }
                    if ($i === intdiv($requests, 32)) {
                        $early = (int) explode(' ', file_get_contents('/proc/self/statm'))[1] * 4096;
                    }
                }
                $grown = (int) explode(' ', file_get_contents('/proc/self/statm'))[1] * 4096 - $early;
                $fine = $wrong === 0 && $told === $blocked && $log === [] && $grown < 16 << 20;
                fwrite(STDERR, $fine ? '' : "worker $worker: $wrong wrong, $told of $blocked told, $grown bytes grown, " . json_encode($log) . "\n");
                // Without the handlers of the parent.
                posix_kill(getmypid(), $fine ? SIGUSR1 : SIGKILL);
            }
            $workers[] = $pid;
        }
        for ($at = 1; $at <= $swaps; $at++) {
            usleep(20_000);
            $write($at);
        }
        $ended = [];
        foreach ($workers as $pid) {
            pcntl_waitpid($pid, $how);
            $ended[] = pcntl_wtermsig($how);
        }
        same(array_fill(0, 8, SIGUSR1), $ended);
    },
]);
