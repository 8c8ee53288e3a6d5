<?php

// Rules, and protection with them, for tests; each test has a folder.

declare(strict_types=1);

use Bartizan\Protection;

function rule(string $id, string $address, string $regex, bool $block = true): array
{
    return ($block ? ['on_match' => ['block']] : []) + [
        'id' => $id, 'name' => $id, 'tags' => ['type' => $id],
        'conditions' => [['operator' => 'match_regex', 'parameters' => ['inputs' => [['address' => $address]], 'regex' => $regex]]],
    ];
}

function rules(array ...$more): string
{
    $scanner = rule('scanner', 'server.request.headers.no_cookies', 'dd-test-scanner-log', false);
    return json_encode(['version' => '2.2', 'rules' => [
        $scanner, rule('query', 'server.request.query', 'evil'), rule('body', 'server.request.body', 'evil'),
        rule('user', 'usr.id', '^mallory$'), rule('status', 'server.response.status', '418'), ...$more,
    ]]);
}

$folder = sys_get_temp_dir() . '/bartizan-test-' . getmypid();
mkdir($folder);
register_shutdown_function(static fn () => exec('rm -rf ' . escapeshellarg($folder)));

function protect(string $name, array $settings, array &$log, ?array &$lines = null): Protection
{
    global $folder;
    return new Protection(
        $settings + ['rules' => ["$folder/$name"]],
        onEvent: static function (array $line) use (&$lines): void {
            $lines[] = $line;
        },
        log: static function (string $text) use (&$log): void {
            $log[] = $text;
        },
        environment: [],
    );
}

function status(Protection $protection, string $target): int
{
    $request = $protection->begin();
    $request->start(['GET', $target, '203.0.113.9', 'http', '', '', 'user-agent', 'curl']);
    $status = $request->response['status'] ?? 200;
    $request->finish();
    return $status;
}
