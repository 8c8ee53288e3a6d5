<?php

declare(strict_types=1);

function same(mixed $want, mixed $got, string $why = ''): void
{
    if ($want !== $got) {
        throw new LogicException(sprintf('%s: wanted %s, got %s', $why, json_encode($want), json_encode($got)));
    }
}

/** @param array<string, callable> $tests */
function check(array $tests): never
{
    $counts = ['passed' => 0, 'failed' => 0, 'skipped' => 0];
    foreach ($tests as $name => $test) {
        try {
            $test();
            $counts['passed']++;
        } catch (Throwable $error) {
            $counts['failed']++;
            echo "FAILED: $name: {$error->getMessage()} (line {$error->getLine()})\n";
        }
    }
    echo 'runner: ' . json_encode($counts) . "\n";
    exit($counts['failed'] === 0 ? 0 : 1);
}
