<?php

// The package as it is installed and served: `php tests/servers.php FOLDER` in dist/php. Composer puts it into a fresh
// project in FOLDER; then the README's example, `php -S`, PSR-15 (with Debian's php-nyholm-psr7) and PHP-FPM.

declare(strict_types=1);

require __DIR__ . '/checks.php';

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
function serving(array $command, string $folder, string $address, callable $ask, array $environment = []): void
{
    $environment += ['PATH' => getenv('PATH')];
    $process = proc_open($command, [1 => ['file', "$folder/server.log", 'a'], 2 => ['redirect', 1]], $pipes, $folder, $environment);
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

/** An application that knows nothing of protection. */
const INNOCENT = <<<'PHP'
    <?php
    if (($_GET['status'] ?? '') !== '') {
        http_response_code((int) $_GET['status']);
    }
    header('x-app: yes');
    echo 'welcome ', $_POST['name'] ?? $_GET['name'] ?? 'guest', str_repeat('.', (int) ($_GET['dots'] ?? 0));
    PHP;

const PROTECTING = '{"version":"2.2","rules":[
    {"id":"scanner","name":"scanner","tags":{"type":"scanner"},"conditions":[{"operator":"match_regex","parameters":{
        "inputs":[{"address":"server.request.headers.no_cookies","key_path":["user-agent"]}],"regex":"dd-test-scanner-log"}}]},
    {"id":"query","name":"query","tags":{"type":"query"},"on_match":["block"],"conditions":[
        {"operator":"match_regex","parameters":{"inputs":[{"address":"server.request.query"}],"regex":"evil"}}]},
    {"id":"body","name":"body","tags":{"type":"body"},"on_match":["block"],"conditions":[
        {"operator":"match_regex","parameters":{"inputs":[{"address":"server.request.body"}],"regex":"evil"}}]},
    {"id":"status","name":"status","tags":{"type":"status"},"on_match":["block"],"conditions":[
        {"operator":"match_regex","parameters":{"inputs":[{"address":"server.response.status"}],"regex":"418"}}]}]}';

/** PSR-15 itself, which Debian has no package of: two interfaces with a method each. */
const PSR15 = <<<'PHP'
    <?php
    namespace Psr\Http\Server;
    use Psr\Http\Message\{ResponseInterface, ServerRequestInterface};
    interface RequestHandlerInterface
    {
        public function handle(ServerRequestInterface $request): ResponseInterface;
    }
    interface MiddlewareInterface
    {
        public function process(ServerRequestInterface $request, RequestHandlerInterface $handler): ResponseInterface;
    }
    PHP;

/** An application of PSR-15, and what it answers to several requests. */
const PSR = <<<'PHP'
    <?php
    require __DIR__ . '/vendor/autoload.php';
    require 'Nyholm/Psr7/autoload.php';
    require __DIR__ . '/server.php';
    use Nyholm\Psr7\{Factory\Psr17Factory, Response, ServerRequest};
    use Psr\Http\Message\{ResponseInterface, ServerRequestInterface};
    $factory = new Psr17Factory();
    $settings = ['rules' => [__DIR__ . '/rules.json']];
    $protection = new Bartizan\Protection($settings, log: static fn (string $text) => print($text));
    $middleware = new Bartizan\Middleware($protection, $factory, $factory);
    $app = new class implements Psr\Http\Server\RequestHandlerInterface {
        public function handle(ServerRequestInterface $request): ResponseInterface
        {
            if ($request->getUri()->getPath() === '/user') {
                $request->getAttribute(Bartizan\Request::class)->eval(['server.request.body' => 'evil']);
                Bartizan\Users::setUser('somebody');
            }
            return new Response($request->getUri()->getPath() === '/tea' ? 418 : 200, [], 'welcome');
        }
    };
    $ask = static fn (ServerRequestInterface $request) => $middleware->process($request, $app);
    $fine = $ask(new ServerRequest('GET', '/?q=fine'));
    $type = ['content-type' => 'application/json'];
    $body = new ServerRequest('POST', '/', $type, '{"a":"evil"}');
    $answers = [$ask(new ServerRequest('GET', '/?q=evil')), $ask($body), $ask(new ServerRequest('GET', '/tea')), $ask(new ServerRequest('GET', '/user'))];
    echo implode('|', [
        $fine->getStatusCode() . ' ' . $fine->getBody(), ...array_map(static fn ($answer) => $answer->getStatusCode(), $answers),
        json_decode((string) $body->getBody())->a,
    ]);
    PHP;

/** Status and body of an answer. */
function answer(string $url, string $body = '', string $type = 'application/x-www-form-urlencoded'): array
{
    $options = ['ignore_errors' => true, 'method' => $body === '' ? 'GET' : 'POST', 'content' => $body, 'header' => "content-type: $type"];
    $text = (string) file_get_contents($url, false, stream_context_create(['http' => $options]));
    return [(int) explode(' ', $http_response_header[0])[1], $text];
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

    'protect.php protects an application that knows nothing of it' => static function () use ($folder): void {
        file_put_contents("$folder/innocent.php", INNOCENT);
        file_put_contents("$folder/rules.json", PROTECTING);
        $port = free_port();
        $command = [
            PHP_BINARY, '-d', 'ffi.enable=1', '-d', "auto_prepend_file=$folder/vendor/bartizan/bartizan/protect.php",
            '-S', "127.0.0.1:$port", '-t', $folder,
        ];
        $events = "$folder/events.ndjson";
        $environment = ['BARTIZAN_RULES' => "$folder/rules.json", 'BARTIZAN_EVENTS' => $events];
        serving($command, $folder, "tcp://127.0.0.1:$port", static function () use ($port, $events): void {
            $url = "http://127.0.0.1:$port/innocent.php";
            for ($i = 0; $i < 3; $i++) {
                same([200, 'welcome alice'], answer("$url?name=alice"));
                same(403, answer("$url?name=evil")[0]);
                same(403, answer("$url?status=418")[0]);
                same(false, str_contains(answer("$url?status=418")[1], 'welcome'));
                same([200, 'welcome bob'], answer($url, 'name=bob'));
                same(403, answer($url, 'name=evil')[0]);
                same(403, answer($url, '{"a":["evil"]}', 'application/json')[0]);
                $part = static fn (string $name): string => "--b\r\ncontent-disposition: form-data; name=\"name\"\r\n\r\n$name\r\n--b--\r\n";
                same([200, 'welcome carol'], answer($url, $part('carol'), 'multipart/form-data; boundary=b'));
                same(403, answer($url, $part('evil'), 'multipart/form-data; boundary=b')[0]);
                same(100_013, strlen(answer("$url?name=alice&dots=100000")[1]));
            }
            same(18, substr_count((string) file_get_contents($events), '"verdict":"block"'));
        }, $environment);
    },

    'the middleware of PSR-15' => static function () use ($folder): void {
        file_put_contents("$folder/server.php", PSR15);
        file_put_contents("$folder/psr.php", PSR);
        same('200 welcome|403|403|403|403|evil', run([PHP_BINARY, '-d', 'ffi.enable=1', 'psr.php'], $folder));
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

check($tests);
