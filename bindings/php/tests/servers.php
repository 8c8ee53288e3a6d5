<?php

// The package as it is installed and served: `php tests/servers.php FOLDER` in dist/php. Composer puts it into a fresh
// project in FOLDER; then the README's example, `php -S` and PHP-FPM with preloading.

declare(strict_types=1);

const APP = <<<'PHP'
    <?php
    require __DIR__ . '/vendor/autoload.php';
    $builder = new Bartizan\Builder();
    $builder->update('rules', '{"version":"2.2","rules":[{"id":"evil","name":"evil","tags":{"type":"evil"},"conditions":[
        {"operator":"match_regex","parameters":{"inputs":[{"address":"a"}],"regex":"ev.l"}}]}]}');
    $result = $builder->build()->context()->eval(['a' => $_GET['a'] ?? '']);
    $free = 'refused';
    try {
        FFI::cdef('int getpid(void);')->getpid();
        $free = 'free';
    } catch (FFI\Exception) {
    }
    echo json_encode([$result?->events[0]['rule']['id'], $free]);
    PHP;

function same(mixed $want, mixed $got): void
{
    if ($want !== $got) {
        throw new LogicException(sprintf('wanted %s, got %s', json_encode($want), json_encode($got)));
    }
}

/** Runs a program to its end, and gives what it printed. */
function run(array $command, string $folder): string
{
    $process = proc_open($command, [1 => ['pipe', 'w'], 2 => ['redirect', 1]], $pipes, $folder, [
        'COMPOSER_ALLOW_SUPERUSER' => '1', 'COMPOSER_HOME' => "$folder/composer", 'PATH' => getenv('PATH'),
    ]);
    $said = stream_get_contents($pipes[1]);
    $code = proc_close($process);
    return $code === 0 ? $said : throw new RuntimeException(implode(' ', $command) . " ended with $code: $said");
}

/** Runs a server while something is asked of it. */
function serving(array $command, string $folder, string $address, callable $ask): void
{
    $process = proc_open($command, [1 => ['file', "$folder/server.log", 'a'], 2 => ['redirect', 1]], $pipes, $folder);
    try {
        for ($i = 0; !($socket = @stream_socket_client($address)); $i++) {
            if ($i === 100 || !proc_get_status($process)['running']) {
                throw new RuntimeException('it does not answer: ' . file_get_contents("$folder/server.log"));
            }
            usleep(50_000);
        }
        fclose($socket);
        $ask();
    } finally {
        proc_terminate($process);
        proc_close($process);
    }
}

function free_port(): int
{
    $socket = stream_socket_server('tcp://127.0.0.1:0');
    return (int) substr(strrchr(stream_socket_get_name($socket, false), ':'), 1);
}

/** The body of the answer to a FastCGI request. */
function fastcgi(string $address, string $script, string $query): string
{
    $record = static fn (int $type, string $content): string => pack('CCnnCx', 1, $type, 1, strlen($content), 0) . $content;
    $parameters = '';
    foreach (['SCRIPT_FILENAME' => $script, 'REQUEST_METHOD' => 'GET', 'QUERY_STRING' => $query] as $name => $value) {
        $parameters .= chr(strlen($name)) . pack('N', strlen($value) | 0x80000000) . $name . $value;
    }
    $socket = stream_socket_client($address);
    fwrite($socket, $record(1, pack('nCx5', 1, 0)) . $record(4, $parameters) . $record(4, '') . $record(5, ''));
    $output = '';
    while (strlen($head = (string) stream_get_contents($socket, 8)) === 8) {
        ['type' => $type, 'length' => $length, 'padding' => $padding] = unpack('Cversion/Ctype/nid/nlength/Cpadding', $head);
        $content = $length + $padding > 0 ? stream_get_contents($socket, $length + $padding) : '';
        if ($type === 3) {
            break;
        }
        $output .= substr($content, 0, $length);
    }
    return explode("\r\n\r\n", $output, 2)[1] ?? $output;
}

$package = dirname(__DIR__);
$folder = $argv[1];
$fpm = trim((string) shell_exec('command -v php-fpm' . PHP_MAJOR_VERSION . '.' . PHP_MINOR_VERSION . ' php-fpm | head -1'));

$tests = [
    'composer installs it' => static function () use ($folder, $package): void {
        file_put_contents("$folder/composer.json", json_encode([
            'repositories' => [
                ['type' => 'path', 'url' => $package, 'options' => ['symlink' => false]],
                ['packagist.org' => false],
            ],
            'require' => ['bartizan/bartizan' => '*'],
        ]));
        run(['composer', 'install', '--no-interaction', '--no-progress'], $folder);
        file_put_contents("$folder/app.php", APP);
    },

    'the example of the README runs unchanged' => static function () use ($folder, $package): void {
        $found = preg_match('/^```php\n(.*?)^```$.*?^It prints `([^`]*)`\.$/ms', file_get_contents("$package/README.md"), $parts);
        same(1, $found);
        file_put_contents("$folder/example.php", $parts[1]);
        same($parts[2], trim(run([PHP_BINARY, 'example.php'], $folder)));
    },

    'php -S serves with it' => static function () use ($folder): void {
        $port = free_port();
        serving([PHP_BINARY, '-d', 'ffi.enable=1', '-S', "127.0.0.1:$port", 'app.php'], $folder, "tcp://127.0.0.1:$port", static function () use ($port): void {
            same('["evil","free"]', file_get_contents("http://127.0.0.1:$port/?a=evil"));
            same('[null,"free"]', file_get_contents("http://127.0.0.1:$port/?a=fine"));
        });
    },

    'PHP-FPM serves with it, preloaded, and lets nobody else use FFI' => static function () use ($folder, $fpm): void {
        if ($fpm === '') {
            throw new RuntimeException('there is no PHP-FPM: install php-fpm');
        }
        $port = free_port();
        $user = posix_getpwuid(posix_geteuid())['name'];
        file_put_contents("$folder/fpm.conf", <<<INI
            [global]
            error_log = $folder/fpm.log
            daemonize = no
            [www]
            user = $user
            listen = 127.0.0.1:$port
            pm = static
            pm.max_children = 2
            INI);
        file_put_contents("$folder/fpm.ini", <<<INI
            ffi.enable=preload
            opcache.enable=1
            opcache.preload=$folder/vendor/bartizan/bartizan/preload.php
            opcache.preload_user=$user
            INI);
        $command = [$fpm, '--nodaemonize', '--allow-to-run-as-root', '--fpm-config', "$folder/fpm.conf", '-c', "$folder/fpm.ini"];
        foreach (glob(PHP_CONFIG_FILE_SCAN_DIR . '/*-{opcache,ffi,posix}.ini', GLOB_BRACE) as $extension) {
            file_put_contents("$folder/fpm.ini", "\n" . file_get_contents($extension), FILE_APPEND);
        }
        serving(['env', 'PHP_INI_SCAN_DIR=', ...$command], $folder, "tcp://127.0.0.1:$port", static function () use ($folder, $port): void {
            for ($i = 0; $i < 10; $i++) {
                same('["evil","refused"]', fastcgi("tcp://127.0.0.1:$port", "$folder/app.php", 'a=evil'));
                same('[null,"refused"]', fastcgi("tcp://127.0.0.1:$port", "$folder/app.php", 'a=fine'));
            }
        });
    },
];

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
