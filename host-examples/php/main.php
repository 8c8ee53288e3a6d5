<?php

// Evaluates requests through the PHP package; see ../README.md for the command line.

declare(strict_types=1);

require __DIR__ . '/../../dist/php/src/autoload.php';

$args = ['rules' => [], 'now' => '1800000000', 'entropy' => '1'];
for ($i = 1; $i < $argc; $i += 2) {
    $name = substr($argv[$i], 2);
    $value = $argv[$i + 1] ?? exit("a value for --$name is missing\n");
    if ($name === 'rules') {
        $args['rules'][] = $value;
    } else {
        $args[$name] = $value;
    }
}

$fail = static function (string $message): never {
    fwrite(STDERR, "$message\n");
    exit(1);
};

$builder = new Bartizan\Builder(new Bartizan\Library($args['engine']));
foreach ($args['rules'] as $path) {
    $update = $builder->update($path, file_get_contents($path));
    if (!$update->accepted) {
        $fail("$path: " . json_encode($update->diagnostics));
    }
}
$instance = $builder->build() ?? $fail('the rules hold nothing that would ever run');

$summary = ['requests' => 0, 'runs' => 0, 'events' => 0, 'blocked' => 0];
$spent = 0;
foreach (new SplFileObject($args['requests']) as $line) {
    if (trim($line) === '') {
        continue;
    }
    // As objects: an empty list and an empty map must stay different.
    $request = json_decode($line, false, 512, JSON_THROW_ON_ERROR);
    $results = [];
    $began = hrtime(true);
    $context = $instance->context();
    foreach ($request->runs as $run) {
        $results[] = $context->eval($run, (int) $args['now'], (int) $args['entropy']);
    }
    unset($context);
    $spent += hrtime(true) - $began;
    $summary['requests']++;
    foreach ($results as $result) {
        $summary['runs']++;
        echo $result?->json ?? 'null', "\n";
        $summary['events'] += count($result?->events ?? []);
        $summary['blocked'] += isset($result?->actions['block_request']) ? 1 : 0;
    }
}
$summary['ns per request'] = intdiv($spent, max(1, $summary['requests']));
fwrite(STDERR, json_encode($summary) . "\n");
