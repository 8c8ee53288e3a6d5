<?php

// The shared corpus through this package: `php -d ffi.enable=1 tests/corpus.php BUNDLE`, in dist/php.
//
// Prints a line of JSON for each case. Values go in as JSON documents.

declare(strict_types=1);

require __DIR__ . '/../src/autoload.php';

use Bartizan\{Builder, Context, EngineError, Instance};

const DOOR = 'wire';
const CANNOT = [
    'any float' => 'JSON has neither infinities nor NaN',
    'invalid' => 'documents have no invalid objects',
];
const SOME_TIME = 1_700_000_000;
const WRITTEN = JSON_UNESCAPED_SLASHES | JSON_UNESCAPED_UNICODE | JSON_INVALID_UTF8_SUBSTITUTE;

/** The one key of a map that stands for something else, or ''. */
function special(mixed $value): string
{
    $keys = $value instanceof stdClass ? array_keys(get_object_vars($value)) : [];
    return count($keys) === 1 && is_string($keys[0]) && str_starts_with($keys[0], '$') ? $keys[0] : '';
}

function bytes(mixed $text): string
{
    return is_string($text) ? $text : hex2bin($text->{'$hex'});
}

function quoted(mixed $text): string
{
    $escape = static fn (array $found): string => sprintf('\u%04x', ord($found[0]));
    return '"' . preg_replace_callback('/[\x00-\x1f"\\\\]/', $escape, bytes($text)) . '"';
}

/** A value of the bundle as a JSON document: keys in order, and bytes as they are. */
function document(mixed $value): string
{
    $pair = static fn (array $pair): string => quoted($pair[0]) . ':' . document($pair[1]);
    $special = special($value);
    return match (true) {
        is_string($value), $special === '$hex' => quoted($value),
        is_array($value) => '[' . implode(',', array_map('document', $value)) . ']',
        $special === '$float', $special === '$integer' => $value->$special,
        $special === '$pairs' => '{' . implode(',', array_map($pair, $value->{'$pairs'})) . '}',
        $value instanceof stdClass => '{' . implode(',', array_map($pair, pairs($value))) . '}',
        default => json_encode($value, JSON_THROW_ON_ERROR),
    };
}

/** @return list<array{string, mixed}> */
function pairs(stdClass $map): array
{
    $pairs = [];
    foreach ($map as $key => $value) {
        $pairs[] = [(string) $key, $value];
    }
    return $pairs;
}

/** What json_decode makes of a document that says this. */
function plain(mixed $value): mixed
{
    return json_decode(document(finite($value)), true, 512, JSON_INVALID_UTF8_SUBSTITUTE | JSON_THROW_ON_ERROR);
}

/** Invalid objects are null in documents, and floats beyond JSON too. */
function finite(mixed $value): mixed
{
    $special = special($value);
    if (is_array($value)) {
        return array_map('finite', $value);
    }
    if ($special === '$invalid' || $special === '$float' && preg_match('/nan|inf/i', $value->{'$float'})) {
        return null;
    }
    if ($special === '$pairs') {
        return (object) ['$pairs' => array_map(static fn ($pair) => [$pair[0], finite($pair[1])], $value->{'$pairs'})];
    }
    return $value instanceof stdClass && $special === '' ? (object) array_map('finite', get_object_vars($value)) : $value;
}

/** Text that is the same for equal values: keys in order, numbers by their value. */
function canonical(mixed $value): string
{
    $order = static function (mixed $value) use (&$order): mixed {
        if (is_float($value) && floor($value) === $value && abs($value) < 2 ** 53) {
            return (int) $value;
        }
        if (!is_array($value)) {
            return $value;
        }
        if (!array_is_list($value)) {
            ksort($value, SORT_STRING);
        }
        return array_map($order, $value);
    };
    return json_encode($order($value), WRITTEN | JSON_THROW_ON_ERROR);
}

/** Replaces ids by names, and checks that each is the same all over a result. */
function masked(array $result): array
{
    $known = [];
    $mask = static function (array $map) use (&$known): array {
        foreach (['security_response_id' => '<security response id>', 'stack_id' => '<stack id>'] as $key => $name) {
            if (!isset($map[$key])) {
                continue;
            }
            if (!preg_match('/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/', $map[$key])) {
                throw new UnexpectedValueException("{$map[$key]} is no id");
            }
            if (($known[$key] ??= $map[$key]) !== $map[$key]) {
                throw new UnexpectedValueException("two values of $key");
            }
            $map[$key] = $name;
        }
        return $map;
    };
    $result['events'] = array_map($mask, $result['events']);
    $result['actions'] = array_map($mask, $result['actions']);
    unset($result['duration']);
    return $result;
}

/** One case. */
final class Session
{
    private Builder $builder;
    private ?Instance $instance = null;
    /** @var array<string, Context> */
    private array $contexts = [];

    public function __construct()
    {
        $this->builder = new Builder();
    }

    public function do(stdClass $step): mixed
    {
        return match ($step->do) {
            'update' => $this->update($step),
            'remove' => $this->builder->remove($step->path),
            'build' => $this->build(),
            'open' => $this->contexts[$step->context] = $this->instance->context(),
            'subcontext' => $this->contexts[$step->context] = $this->contexts[$step->of]->subcontext(),
            'eval' => $this->eval($step),
        };
    }

    private function update(stdClass $step): array
    {
        $update = $this->builder->update($step->path, self::given($step, 'config'));
        return ['accepted' => $update->accepted, 'diagnostics' => $update->diagnostics];
    }

    private function build(): array
    {
        $this->instance = $this->builder->build();
        if ($this->instance === null) {
            return ['built' => false];
        }
        $sorted = static function (array $names): array {
            sort($names, SORT_STRING);
            return $names;
        };
        $addresses = $sorted($this->instance->addresses());
        return ['built' => true, 'addresses' => $addresses, 'actions' => $sorted($this->instance->actions())];
    }

    private function eval(stdClass $step): array
    {
        try {
            $result = $this->contexts[$step->context]->eval(
                self::given($step, 'data'),
                now: $step->now_s ?? SOME_TIME,
                entropy: 1,
                budget: $step->budget ?? Context::UNLIMITED,
                batches: $step->batches ?? false,
            );
        } catch (EngineError $error) {
            return $error->getCode() === EngineError::DOCUMENT ? ['code' => 'malformed'] : throw $error;
        }
        if ($result === null) {
            return ['code' => 'ok'];
        }
        return ['code' => 'match', 'result' => masked(json_decode($result->json, true, 512, JSON_THROW_ON_ERROR))];
    }

    private static function given(stdClass $step, string $value): string
    {
        return property_exists($step, 'document') ? bytes($step->document) : document($step->$value);
    }
}

/** Whether all that is wanted is there; the result of an evaluation without a match is not told. */
function judge(mixed $answer, mixed $want): void
{
    $wanted = plain($want);
    if (is_array($wanted) && is_array($answer)) {
        if (($answer['code'] ?? '') === 'ok') {
            unset($wanted['result']);
        }
        $answer = array_intersect_key($answer, $wanted);
    }
    [$told, $asked] = [canonical($answer), canonical($wanted)];
    if ($told !== $asked) {
        throw new UnexpectedValueException("\n  wanted $asked\n  got    $told");
    }
}

function run(stdClass $case): array
{
    $why = $case->skip->{DOOR} ?? null;
    foreach ($case->needs ?? [] as $need) {
        $why ??= CANNOT[$need] ?? null;
    }
    if ($why !== null) {
        return ['id' => $case->id, 'result' => 'skipped', 'why' => $why];
    }
    $session = new Session();
    foreach ($case->steps as $at => $step) {
        try {
            $answer = $session->do($step);
            if (property_exists($step, 'want')) {
                judge($answer, $step->want);
            }
        } catch (Throwable $error) {
            return ['id' => $case->id, 'result' => 'failed', 'why' => 'step ' . ($at + 1) . ": {$error->getMessage()}"];
        }
    }
    return ['id' => $case->id, 'result' => 'passed'];
}

$bundle = json_decode(file_get_contents($argv[1]), false, 512, JSON_THROW_ON_ERROR);
if ($bundle->format !== 1) {
    fwrite(STDERR, "{$argv[1]}: not a bundle of format 1\n");
    exit(2);
}
$failed = 0;
foreach ($bundle->cases as $case) {
    $line = run($case);
    $failed += $line['result'] === 'failed' ? 1 : 0;
    echo json_encode($line, WRITTEN), "\n";
}
exit($failed === 0 ? 0 : 1);
