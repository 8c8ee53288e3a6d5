<?php

// The package as it ships: `php -d ffi.enable=1 tests/run.php` in dist/php.

declare(strict_types=1);

require __DIR__ . '/../src/autoload.php';
require __DIR__ . '/checks.php';

use Bartizan\{Builder, EngineError, Instance, Library};

function rule(string $id, string $address, string $regex, array $more = []): array
{
    return $more + [
        'id' => $id, 'name' => $id, 'tags' => ['type' => $id],
        'conditions' => [
            ['operator' => 'match_regex', 'parameters' => ['inputs' => [['address' => $address]], 'regex' => $regex]],
        ],
    ];
}

const VERSION = '2.2';
$rules = ['version' => VERSION, 'rules' => [rule('evil', 'a', 'ev.l', ['on_match' => ['block']]), rule('second', 'b', 'x')]];

$load = static function (array $config): Instance {
    $builder = new Builder();
    same(true, $builder->update('rules', $config)->accepted);
    return $builder->build();
};

function refused(int $code, callable $use): void
{
    try {
        $use();
    } catch (EngineError $error) {
        same($code, $error->getCode());
        return;
    }
    throw new LogicException('nothing was refused');
}

$tests = [
    'the version is told' => static fn () => same(1, preg_match('/^\d+\.\d+\.\d+/', Library::default()->version())),

    'configuration is accepted, refused and removed' => static function () use ($rules): void {
        $builder = new Builder();
        $update = $builder->update('rules', $rules);
        same([true, ['evil', 'second']], [$update->accepted, $update->diagnostics['rules']['loaded']]);
        $update = $builder->update('rules', '{"version":"1.0","rules":[]}');
        same(false, $update->accepted);
        same(true, str_contains($update->diagnostics['error'], 'unsupported schema version'));
        same(true, $builder->build() !== null, 'what was accepted before is still in force');
        same(false, $builder->update('cut', '{"rules":')->accepted);
        same(['rules'], $builder->paths());
        same([true, false, null], [$builder->remove('rules'), $builder->remove('rules'), $builder->build()]);
        refused(-1, static fn () => $builder->update('', $rules));
    },

    'an instance tells what it looks at' => static function () use ($load, $rules): void {
        $instance = $load($rules);
        $addresses = $instance->addresses();
        sort($addresses);
        same([['a', 'b'], ['block_request']], [$addresses, $instance->actions()]);
    },

    'results come as values and as text' => static function () use ($load, $rules): void {
        $instance = $load($rules);
        $context = $instance->context();
        same(null, $context->eval(['a' => 'fine']));
        $result = $context->eval(['a' => ['k' => ['an evil word']]], now: 5, entropy: 7);
        $parameter = $result->events[0]['rule_matches'][0]['parameters'][0];
        same([['k', 0], ['evil']], [$parameter['key_path'], $parameter['highlight']]);
        same([true, true, false, 1], [$result->blocks(), $result->keep, $result->timeout, $result->evaluated]);
        same(403, $result->actions['block_request']['status_code']);
        $text = static function (int $entropy) use ($instance): string {
            $json = $instance->context()->eval('{"a":"evil"}', now: 5, entropy: $entropy)->json;
            // How long it took is another each time.
            return preg_replace('/"duration":\d+/', '', $json);
        };
        same($text(7), $text(7));
        same(false, $text(7) === $text(8));
    },

    'every kind of document is taken' => static function () use ($load, $rules): void {
        $instance = $load($rules);
        $deep = 'evil';
        for ($i = 0; $i < 600; $i++) {
            $deep = ['x' => $deep];
        }
        $documents = [['a' => 'evil', 'deep' => $deep], (object) ['a' => 'evil'], '{"a":"evil"}', "\x81\xa1a\xa4evil", ['a' => "evil\xff"], ['a' => 'evil', 'b' => NAN]];
        foreach ($documents as $i => $document) {
            same(true, $instance->context()->eval($document) !== null, "document $i");
        }
        $batches = [['a' => 'fine'], ['b' => 'x']];
        same(2, $instance->context()->eval($batches, batches: true)->evaluated);
        same(null, $instance->context()->eval([]));
        foreach ([$batches, '"text"', '{'] as $document) {
            refused(-2, static fn () => $instance->context()->eval($document));
        }
    },

    'a subcontext keeps what it finds' => static function () use ($load, $rules): void {
        $parent = $load($rules)->context();
        $parent->eval(['b' => 'x']);
        $child = $parent->subcontext();
        same(null, $child->eval(['b' => 'x']), 'the parent has reported it');
        same(true, $child->eval(['a' => 'evil']) !== null);
        same(true, $parent->eval(['a' => 'evil']) !== null, 'nothing flows back');
    },

    'lifetimes do not depend on each other' => static function () use ($load, $rules): void {
        $instance = $load($rules);
        $context = $instance->context();
        $child = $context->subcontext();
        unset($instance, $context);
        same(true, $child->eval(['a' => 'evil']) !== null);
    },

    'bytes that are no text arrive as they are' => static function () use ($load): void {
        $instance = $load(['version' => VERSION, 'rules' => [rule('bytes', 'a', '^\\C{2}[[:^ascii:]]?$')]]);
        same(true, $instance->context()->eval(['a' => "\xff\xfe"]) !== null);
        same(null, $instance->context()->eval(['a' => "\u{fffd}\u{fffd}"]));
        $kinds = ['a' => "\xff\xfe", 'l' => [1, -5, 1 << 40, 1.5, NAN, true, null, str_repeat('x', 70000)], 'm' => (object) []];
        same(true, $instance->context()->eval($kinds) !== null);
        $kinds['l'] = range(0, 70000);
        same(true, $instance->context()->eval($kinds) !== null);
    },

    'budgets end' => static function () use ($load, $rules): void {
        $rules['rules'][] = ['tags' => ['type' => 'acl', 'module' => 'network-acl']] + rule('acl', 'a', 'evil');
        $context = $load($rules)->context();
        $result = $context->eval(['a' => str_repeat('y', 100000) . 'evil'], budget: 100);
        same([true, ['acl']], [$result->timeout, array_map(static fn ($e) => $e['rule']['id'], $result->events)]);
    },

    'what is closed is closed' => static function () use ($load, $rules): void {
        $instance = $load($rules);
        $context = $instance->context();
        foreach ([$context, $context, $instance, $instance] as $closed) {
            $closed->close();
        }
        foreach ([static fn () => $context->eval([]), static fn () => $context->subcontext(), static fn () => $instance->context()] as $use) {
            try {
                $use();
            } catch (LogicException $error) {
                same(true, str_ends_with($error->getMessage(), 'is closed'));
                continue;
            }
            throw new RuntimeException('it answers all the same');
        }
    },

    'documents of any size pass' => static function () use ($load): void {
        $many = array_map(static fn (int $i) => rule("r$i", 'a', "word{$i}x"), range(0, 1999));
        $instance = $load(['version' => VERSION, 'rules' => $many]);
        same(true, $instance->context()->eval(['a' => str_repeat('y', 1_000_000) . 'word1999x']) !== null);
    },
];

check($tests);
