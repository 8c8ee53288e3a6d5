<?php

// Protection, and the cases that all packages share: `php -d ffi.enable=1 tests/protection.php CASES` in dist/php.

declare(strict_types=1);

require __DIR__ . '/../src/autoload.php';
require __DIR__ . '/checks.php';
require __DIR__ . '/rules.php';

use Bartizan\{Blocked, Protection, Request, Users};

/** One step of a shared case: its code and document. */
function step(Bartizan\Library $library, FFI\CData $request, array $step): array
{
    $functions = $library->functions;
    $flat = static fn (array $fields): string => count($fields) + 1 . "\0" . implode("\0", $fields);
    $complete = (int) ($step['complete'] ?? true);
    $json = static fn (string $name): string => $step['json'][$name];
    $call = static function (string $function, string $data, int ...$numbers) use ($functions, $request, $library): int {
        return $functions->$function($request, $data, strlen($data), ...[...$numbers, $library->out]);
    };
    $code = match (true) {
        isset($step['start']) => $call('bartizan_request_start', $json('start')),
        isset($step['flat']) => $call('bartizan_request_start', $flat($step['flat'])),
        isset($step['body']) => $call('bartizan_request_body', $step['body'], $complete),
        isset($step['body_base64']) => $call('bartizan_request_body', base64_decode($step['body_base64']), $complete),
        isset($step['event']) => $call('bartizan_request_event', $json('event')),
        isset($step['eval']) => $call('bartizan_request_eval', $json('eval'), ($step['subcontext'] ?? false) ? 4 : 0),
        isset($step['response']) => $call('bartizan_request_response', $json('response')),
        isset($step['response_flat']) => $call('bartizan_request_response', $flat($step['response_flat'])),
        isset($step['response_body']) => $call('bartizan_request_response_body', $step['response_body'], $complete),
        isset($step['finish']) => $functions->bartizan_request_finish($request, (int) $step['finish'], $library->out),
    };
    if ($code < 0 || ($code & 3) === 0) {
        return ['code' => $code];
    }
    $document = json_decode($library->lent(), false, 512, JSON_THROW_ON_ERROR);
    unset($document->duration);
    return ['code' => $code, 'document' => $document];
}

$tests = [];
$cases = json_decode(file_get_contents($argv[1]), false, 512, JSON_THROW_ON_ERROR);
foreach ($cases->cases as $case) {
    $tests["case $case->id"] = static function () use ($case, $cases): void {
        $library = Bartizan\Library::default();
        $builder = new Bartizan\Builder();
        same(true, $builder->update('rules', json_encode($cases->rulesets->{$case->rules}, JSON_PRESERVE_ZERO_FRACTION))->accepted);
        $settings = json_encode($case->settings);
        $host = $library->functions->bartizan_host_new($settings, strlen($settings));
        $instance = $builder->build();
        $request = $library->functions->bartizan_request_new($host, $instance->handle(), 1_800_000_000, 1);
        $library->functions->bartizan_host_free($host);
        foreach ($case->steps as $at => $step) {
            $texts = array_map(static fn ($v) => json_encode($v, JSON_PRESERVE_ZERO_FRACTION), get_object_vars($step));
            $got = step($library, $request, ['json' => $texts] + get_object_vars($step));
            $order = static function (mixed $value) use (&$order): mixed {
                if ($value instanceof stdClass) {
                    $fields = get_object_vars($value);
                    ksort($fields);
                    return (object) array_map($order, $fields);
                }
                return is_array($value) ? array_map($order, $value) : $value;
            };
            same(json_encode($order($case->want[$at])), json_encode($order((object) $got)), 'step ' . ($at + 1));
        }
        $library->functions->bartizan_request_free($request);
    };
}

$tests += [
    'requests are blocked, and lines tell of them' => static function () use ($folder): void {
        file_put_contents("$folder/a.json", rules());
        $log = $lines = [];
        $protection = protect('a.json', [], $log, $lines);
        same([200, 403], [status($protection, '/?q=fine'), status($protection, '/?q=evil')]);
        $request = $protection->begin();
        $request->start(['method' => 'POST', 'target' => "/\0", 'headers' => ['content-type' => 'application/json']]);
        $request->body('{"a":["fine"]}');
        same(['full', null], [$request->inspected, $request->response]);
        $request->eval(['server.request.body' => 'evil']);
        same(403, $request->response['status']);
        $request->finish();
        $request->finish();
        $request = $protection->begin();
        $request->start(['GET', '/', '203.0.113.9', 'http', '', 'cgi', 'HTTP_USER_AGENT', "dd-test-scanner-log\0"]);
        $request->response(['418', '', 'content-type', "text/html\0"]);
        same(403, $request->response['status']);
        $request->finish();
        same([], $log);
        same(['block', 'block', 'block'], array_column($lines, 'verdict'));
        same(['scanner', 'status'], array_map(static fn ($event) => $event['rule']['id'], $lines[2]['events']));
        same(['requests' => 4, 'events' => 3, 'blocked' => 3, 'failures' => 0], $protection->counts);
        same([[], 5], [$protection->doctor()['never_sent'] === ['usr.id'] ? [] : $protection->doctor()['never_sent'], count($protection->doctor()['wanted'])]);
    },

    'users and events of the business' => static function () use ($folder): void {
        file_put_contents("$folder/b.json", rules(rule('brute', 'usr.login', '^brute$')));
        $log = [];
        $protection = protect('b.json', [], $log);
        same(false, Users::setUser('mallory'));
        $blocked = static function (callable $use) use ($protection): array {
            $request = $protection->begin();
            $request->start(['GET', '/', '', 'http', '', '']);
            try {
                return [$use(), 0];
            } catch (Blocked $blocked) {
                return [true, $blocked->response['status']];
            } finally {
                $request->finish();
            }
        };
        same([false, 0], $blocked(static fn () => Users::setUser('alice', email: 'a@example.com', tags: ['vip' => true])));
        same([true, 403], $blocked(static fn () => Users::setUser('mallory')));
        same([true, 0], $blocked(static fn () => Users::setUser('mallory', block: false)));
        same([true, 403], $blocked(static fn () => Users::isUserBlocked('mallory')));
        same([false, 0], $blocked(static fn () => Users::isUserBlocked('alice')));
        same([false, 0], $blocked(static fn () => Users::trackUserSignup('alice', 'id-1', ['plan' => 'free'])));
        same([false, 0], $blocked(static fn () => Users::trackUserLoginSuccess('alice', ['id' => 5])));
        same([true, 403], $blocked(static fn () => Users::trackUserLoginFailure('brute', true)));
        same([false, 0], $blocked(static fn () => Users::trackCustomEvent('payment.failure', ['amount' => 12.5])));
        same(null, Request::current());
    },

    'rules come in folders, and with checksums' => static function () use ($folder): void {
        mkdir("$folder/several");
        file_put_contents("$folder/several/a.json", rules());
        file_put_contents("$folder/several/b.json", json_encode(['version' => '2.2', 'rules' => [rule('worse', 'server.request.query', 'worse')]]));
        $log = [];
        $protection = protect('several', [], $log);
        same([403, 403, 200, []], [status($protection, '/?q=evil'), status($protection, '/?q=worse'), status($protection, '/?q=x'), $log]);
        file_put_contents("$folder/sum.json", rules());
        file_put_contents("$folder/sum.json.sha256", hash('sha256', rules()) . "  sum.json\n");
        same(403, status(protect('sum.json', [], $log), '/?q=evil'));
        file_put_contents("$folder/bad.json", rules());
        file_put_contents("$folder/bad.json.sha256", hash('sha256', 'else'));
        same(null, protect('bad.json', [], $log)->begin());
    },

    'rules come from a server, which is asked again' => static function () use ($folder): void {
        $server = <<<'PHP'
            <?php
            $text = file_get_contents(__DIR__ . '/served.json');
            file_put_contents(__DIR__ . '/asked', ($_SERVER['HTTP_IF_NONE_MATCH'] ?? '-') . "\n", FILE_APPEND);
            header('etag: "' . md5($text) . '"');
            ($_SERVER['HTTP_IF_NONE_MATCH'] ?? '') === '"' . md5($text) . '"' ? http_response_code(304) : print($text);
            PHP;
        file_put_contents("$folder/server.php", $server);
        file_put_contents("$folder/served.json", rules());
        $socket = stream_socket_server('tcp://127.0.0.1:0');
        $address = stream_socket_get_name($socket, false);
        fclose($socket);
        $process = proc_open([PHP_BINARY, '-S', $address, "$folder/server.php"], [1 => ['file', '/dev/null', 'w'], 2 => ['file', '/dev/null', 'w']], $pipes);
        for ($i = 0; $i < 100 && !@stream_socket_client("tcp://$address"); $i++) {
            usleep(50_000);
        }
        $log = [];
        $poll = static function () use (&$protection, $folder): void {
            touch("$folder/fetched/url-0.json.asked", time() - 100);
            $protection->poll();
        };
        $settings = ['rules' => ["http://$address/rules"], 'state_dir' => "$folder/fetched"];
        try {
            same(403, status($protection = protect('', $settings, $log), '/?q=evil'));
            $poll();
            file_put_contents("$folder/served.json", rules(rule('worse', 'server.request.query', 'worse')));
            $poll();
            same([403, []], [status(protect('', $settings, $log), '/?q=worse'), $log]);
            file_put_contents("$folder/served.json", 'garbage');
            $poll();
            same(403, status(protect('', $settings, $log), '/?q=worse'));
            same(true, str_contains(implode("\n", $log), 'rules refused'));
            same(2, count(array_unique(file("$folder/asked"))) - 1, 'the tags that were sent');
        } finally {
            proc_terminate($process);
            proc_close($process);
        }
        $poll();
        same(403, status(protect('', $settings, $log), '/?q=worse'), 'without the server');
    },

    'nothing is blocked in monitor mode' => static function () use ($folder): void {
        file_put_contents("$folder/m.json", rules());
        $log = $lines = [];
        $protection = protect('m.json', ['mode' => 'monitor'], $log, $lines);
        same(200, status($protection, '/?q=evil'));
        same('monitor', $lines[0]['verdict']);
    },

    'rules change while serving, and garbage changes nothing' => static function () use ($folder): void {
        $file = "$folder/live.json";
        $write = static function (string $text) use ($file): void {
            static $time = 1_700_000_000;
            file_put_contents($file, $text);
            touch($file, $time++);
        };
        $write(rules());
        $log = [];
        $settings = ['state_dir' => "$folder/state"];
        same([403, 200], [status($protection = protect('live.json', $settings, $log), '/?q=evil'), status($protection, '/?q=worse')]);
        $write(rules(rule('worse', 'server.request.query', 'worse')));
        same(403, status(protect('live.json', $settings, $log), '/?q=worse'));
        $protection->look();
        same(403, status($protection, '/?q=worse'));
        same([], $log);
        foreach (['garbage', substr(rules(), 0, 300), '', str_repeat(' ', (16 << 20) + 1)] as $garbage) {
            $write($garbage);
            $log = [];
            // Another request, which keeps nothing of the former but what the process does.
            same(403, status(protect('live.json', $settings, $log), '/?q=worse'));
            same(true, str_contains($log[0] ?? '', 'the last good rules stay') || str_contains($log[0] ?? '', 'refused'), $log[0] ?? 'silence');
            $again = [];
            same([403, []], [status(protect('live.json', $settings, $again), '/?q=worse'), $again], 'said once');
        }
        unlink($file);
        same(403, status(protect('live.json', $settings, $log), '/?q=worse'));
        $restarted = 'require "src/autoload.php"; $p = new Bartizan\Protection(["rules" => [$argv[1]], "state_dir" => $argv[2]], log: fn () => 0);
            $r = $p->begin(); $r->start(["GET", "/?q=worse", "", "http", "", ""]); echo $r->response["status"];';
        $command = [PHP_BINARY, '-d', 'ffi.enable=1', '-r', $restarted, $file, "$folder/state"];
        $process = proc_open($command, [1 => ['pipe', 'w']], $pipes, dirname(__DIR__));
        same('403', stream_get_contents($pipes[1]), 'a start without the source');
        proc_close($process);
    },

    'a panic costs its request only' => static function () use ($folder): void {
        $forced = getenv('BARTIZAN_FORCED_PANIC');
        if ($forced === false) {
            throw new LogicException('BARTIZAN_FORCED_PANIC does not say where a library is that can be made to panic');
        }
        file_put_contents("$folder/panic.json", rules());
        foreach (['open' => null, 'closed' => 503] as $mode => $status) {
            $settings = ['rules' => ["$folder/panic.json"], 'on_failure' => $mode];
            $protection = new Protection($settings, log: static fn () => null, library: new Bartizan\Library("$forced/libbartizan.so"), environment: []);
            $other = $protection->begin();
            $other->start(['POST', '/', '', 'http', '', '', 'content-type', 'application/json']);
            for ($i = 0; $i < 3; $i++) {
                $request = $protection->begin();
                $request->start(['GET', '/', '', 'http', '', '', 'x-bartizan-panic', '1']);
                $request->body('{}');
                $request->response(['200', '']);
                same($status, $request->response['status'] ?? null);
                $request->finish();
                same(403, status($protection, '/?q=evil'));
            }
            $other->body('{"a":"evil"}');
            same([403, 3], [$other->response['status'], $protection->counts['failures']]);
            $other->finish();
        }
    },

    'without rules it says so, and requests pass' => static function (): void {
        $log = [];
        same(null, protect('absent.json', [], $log)->begin());
        same(true, str_contains(implode("\n", $log), 'no rules are in force') && str_contains(implode("\n", $log), 'BARTIZAN_RULES'));
    },
];
check($tests);
