<?php

// What a request costs in PHP, beside the same through FFI object by object: `php -d ffi.enable=1 cost.php PACKAGE RULES`
//
// The peer is what a binding of libddwaf's functions does: an object for each value, then one call; here on our own
// library, which has these functions too, so that only the way of passing values differs. Around the engine is what a
// request costs with rules that want all its addresses and find nothing to do. Both take turns; medians.

declare(strict_types=1);

[, $package, $rules] = $argv;
require "$package/src/autoload.php";

const REQUESTS = 256;
const ROUNDS = 20;

/** A request as a tracer sends it, each a little different. */
function request(int $at): array
{
    $id = base_convert((string) ($at * 7919 + 104729), 10, 36);
    return [
        'server.request.method' => 'POST',
        'server.request.uri.raw' => "/api/v2/orders/$at/items?sort=price&dir=asc&page=" . $at % 9 . '&filter=in-stock&q=winter+jackets',
        'server.request.query' => ['sort' => ['price'], 'dir' => ['asc'], 'page' => [(string) ($at % 9)], 'filter' => ['in-stock'], 'q' => ['winter jackets']],
        'server.request.path_params' => ['order' => (string) $at],
        'server.request.cookies' => ['session' => ["b6d1f5c0a7e94c2d8f0e1a2b$id"], 'theme' => ['dark'], '_ga' => ["GA1.2.$at.1690000000"]],
        'server.request.headers.no_cookies' => [
            'host' => 'shop.example.com',
            'user-agent' => 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36',
            'accept' => 'text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8',
            'accept-language' => 'en-US,en;q=0.9,de;q=0.8',
            'accept-encoding' => 'gzip, deflate, br, zstd',
            'referer' => 'https://shop.example.com/catalog/winter?ref=home',
            'content-type' => 'application/json',
            'content-length' => '312',
            'x-forwarded-for' => '203.0.113.' . $at % 250 . ', 10.0.0.3',
            'sec-fetch-mode' => 'cors',
            'sec-fetch-site' => 'same-origin',
            'x-request-id' => "1b4e28ba-2fa1-11d2-883f-$id",
        ],
        'http.client_ip' => '203.0.113.' . $at % 250,
        'server.request.body' => [
            'name' => 'Jane Doe', 'email' => "jane.$id@example.com", 'quantity' => $at % 5,
            'address' => ['street' => '221B Baker Street', 'city' => 'London', 'zip' => 'NW1 6XE'],
            'notes' => 'Please leave the parcel with the neighbour if nobody opens the door. Thank you very much!',
            'gift' => true, 'tags' => ['winter', 'sale', 'größer'],
        ],
    ];
}

/** What the package does. */
function ours(string $rules): Closure
{
    $builder = new Bartizan\Builder();
    $builder->update('rules', $rules)->accepted || exit("the rules are refused\n");
    $instance = $builder->build();
    return static function (array $data) use ($instance): void {
        $context = $instance->context();
        $context->eval($data);
        $context->close();
    };
}

/** An object for each value. */
final class Objects
{
    public readonly FFI $ffi;
    private readonly FFI\CData $handle;
    private readonly FFI\CData $allocator;

    public function __construct(string $rules)
    {
        $this->ffi = FFI::cdef(<<<'C'
            typedef union { uint8_t type; struct { uint8_t bytes[16]; } raw; } ddwaf_object;
            typedef struct _ddwaf_handle *ddwaf_handle;
            typedef struct _ddwaf_context *ddwaf_context;
            typedef struct _ddwaf_builder *ddwaf_builder;
            typedef struct _ddwaf_allocator *ddwaf_allocator;
            ddwaf_allocator ddwaf_get_default_allocator(void);
            bool ddwaf_object_from_json(ddwaf_object *, const char *, uint32_t, ddwaf_allocator);
            ddwaf_object *ddwaf_object_set_string(ddwaf_object *, const char *, uint32_t, ddwaf_allocator);
            ddwaf_object *ddwaf_object_set_signed(ddwaf_object *, int64_t);
            ddwaf_object *ddwaf_object_set_bool(ddwaf_object *, bool);
            ddwaf_object *ddwaf_object_set_array(ddwaf_object *, uint16_t, ddwaf_allocator);
            ddwaf_object *ddwaf_object_set_map(ddwaf_object *, uint16_t, ddwaf_allocator);
            ddwaf_object *ddwaf_object_insert(ddwaf_object *, ddwaf_allocator);
            ddwaf_object *ddwaf_object_insert_key(ddwaf_object *, const char *, uint32_t, ddwaf_allocator);
            void ddwaf_object_destroy(ddwaf_object *, ddwaf_allocator);
            ddwaf_builder ddwaf_builder_init(void);
            bool ddwaf_builder_add_or_update_config(ddwaf_builder, const char *, uint32_t, const ddwaf_object *, ddwaf_object *);
            ddwaf_handle ddwaf_builder_build_instance(ddwaf_builder);
            ddwaf_context ddwaf_context_init(ddwaf_handle, ddwaf_allocator);
            int ddwaf_context_eval(ddwaf_context, ddwaf_object *, ddwaf_allocator, ddwaf_object *, uint64_t);
            void ddwaf_context_destroy(ddwaf_context);
            C, Bartizan\Library::path());
        $this->allocator = $this->ffi->ddwaf_get_default_allocator();
        $config = $this->ffi->new('ddwaf_object');
        $this->ffi->ddwaf_object_from_json(FFI::addr($config), $rules, strlen($rules), $this->allocator) || exit("no JSON\n");
        $builder = $this->ffi->ddwaf_builder_init();
        $this->ffi->ddwaf_builder_add_or_update_config($builder, 'rules', 5, FFI::addr($config), null) || exit("refused\n");
        $this->handle = $this->ffi->ddwaf_builder_build_instance($builder);
    }

    public function run(array $data): void
    {
        $object = $this->ffi->new('ddwaf_object');
        $this->write($data, FFI::addr($object));
        $context = $this->ffi->ddwaf_context_init($this->handle, $this->allocator);
        $result = $this->ffi->new('ddwaf_object');
        $this->ffi->ddwaf_context_eval($context, FFI::addr($object), $this->allocator, FFI::addr($result), 1_000_000);
        $this->ffi->ddwaf_object_destroy(FFI::addr($result), $this->allocator);
        $this->ffi->ddwaf_context_destroy($context);
    }

    private function write(mixed $value, FFI\CData $into): void
    {
        match (true) {
            is_string($value) => $this->ffi->ddwaf_object_set_string($into, $value, strlen($value), $this->allocator),
            is_int($value) => $this->ffi->ddwaf_object_set_signed($into, $value),
            is_bool($value) => $this->ffi->ddwaf_object_set_bool($into, $value),
            array_is_list($value) => $this->writeList($value, $into),
            default => $this->writeMap($value, $into),
        };
    }

    private function writeList(array $items, FFI\CData $into): void
    {
        $this->ffi->ddwaf_object_set_array($into, count($items), $this->allocator);
        foreach ($items as $item) {
            $this->write($item, $this->ffi->ddwaf_object_insert($into, $this->allocator));
        }
    }

    private function writeMap(array $items, FFI\CData $into): void
    {
        $this->ffi->ddwaf_object_set_map($into, count($items), $this->allocator);
        foreach ($items as $key => $item) {
            $key = (string) $key;
            $this->write($item, $this->ffi->ddwaf_object_insert_key($into, $key, strlen($key), $this->allocator));
        }
    }
}

$data = array_map('request', range(0, REQUESTS - 1));
$input = static fn (string $address): array => ['address' => $address, 'key_path' => ['-']];
$idle = json_encode(['version' => '2.2', 'rules' => [[
    'id' => 'idle', 'name' => 'idle', 'tags' => ['type' => 'idle'],
    'conditions' => [['operator' => 'exists', 'parameters' => ['inputs' => array_map($input, array_keys($data[0]))]]],
]]]);
$recommended = file_get_contents($rules);
$sides = [
    'bartizan, recommended rules' => ours($recommended),
    'object by object, recommended rules' => (new Objects($recommended))->run(...),
    'bartizan, around the engine' => ours($idle),
    'object by object, around the engine' => (new Objects($idle))->run(...),
];
$took = [];
for ($round = 0; $round < ROUNDS; $round++) {
    foreach ($sides as $name => $run) {
        foreach ($data as $one) {
            $began = hrtime(true);
            $run($one);
            $spent = hrtime(true) - $began;
            if ($round >= ROUNDS / 4) {
                $took[$name][] = $spent / 1000;
            }
        }
    }
}
$size = intdiv(array_sum(array_map(static fn (array $one) => strlen(json_encode($one, JSON_UNESCAPED_SLASHES | JSON_UNESCAPED_UNICODE)), $data)), REQUESTS);
printf("%d requests of %d bytes as JSON, microseconds, medians of %d\n", REQUESTS, $size, count(reset($took)));
foreach ($took as $name => $list) {
    sort($list);
    printf("%-36s %8.1f\n", $name, $list[intdiv(count($list), 2)]);
}
