<?php

// Opens the shop with `php -S`: the arguments become environment variables, as with any server.

declare(strict_types=1);

$rules = [];
$settings = ['port' => '8080'];
for ($i = 1; $i < $argc; $i += 2) {
    $name = substr($argv[$i], 2);
    $value = $argv[$i + 1] ?? exit("a value for --$name is missing\n");
    $name === 'rules' ? $rules[] = $value : $settings[$name] = $value;
}
if ($settings['port'] === '0') {
    $socket = stream_socket_server('tcp://127.0.0.1:0');
    $settings['port'] = substr(strrchr(stream_socket_get_name($socket, false), ':'), 1);
    fclose($socket);
}
putenv('BARTIZAN_RULES=' . implode(',', $rules));
foreach (['events' => 'BARTIZAN_EVENTS', 'state' => 'BARTIZAN_STATE_DIR', 'package' => 'SHOP_PACKAGE', 'workers' => 'PHP_CLI_SERVER_WORKERS'] as $name => $variable) {
    if (isset($settings[$name])) {
        putenv("$variable={$settings[$name]}");
    }
}
$address = "127.0.0.1:{$settings['port']}";
if (pcntl_fork() !== 0) {
    // This process becomes the server; the other one tells when it answers.
    pcntl_exec(PHP_BINARY, ['-d', 'ffi.enable=1', '-S', $address, __DIR__ . '/shop.php']);
    exit(1);
}
for ($i = 0; $i < 500; $i++) {
    if ($socket = @stream_socket_client("tcp://$address")) {
        fclose($socket);
        echo "listening on http://$address\n";
        exit;
    }
    usleep(20_000);
}
