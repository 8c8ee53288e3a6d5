<?php

declare(strict_types=1);

namespace Bartizan;

/** The engine: the shared library of this package, called through FFI. */
final class Library
{
    private const ABI = 1;

    /** Linux: the library stays in the process when PHP closes it at the end of a request. */
    private const RTLD_NOW_AND_NODELETE = 0x1002;

    private const FUNCTIONS = <<<'C'
        typedef struct { const uint8_t *data; size_t len; } bartizan_buffer;
        typedef struct bartizan_builder bartizan_builder;
        typedef struct bartizan_instance bartizan_instance;
        typedef struct bartizan_context bartizan_context;
        uint32_t bartizan_abi(void);
        const char *bartizan_version(void);
        bartizan_builder *bartizan_builder_new(void);
        int32_t bartizan_builder_update(bartizan_builder *, const char *, size_t, const char *, size_t, uint32_t, bartizan_buffer *);
        int32_t bartizan_builder_remove(bartizan_builder *, const char *, size_t);
        int32_t bartizan_builder_paths(bartizan_builder *, bartizan_buffer *);
        bartizan_instance *bartizan_builder_build(bartizan_builder *);
        void bartizan_builder_free(bartizan_builder *);
        int32_t bartizan_instance_addresses(bartizan_instance *, bartizan_buffer *);
        int32_t bartizan_instance_actions(bartizan_instance *, bartizan_buffer *);
        void bartizan_instance_free(bartizan_instance *);
        bartizan_context *bartizan_context_new(bartizan_instance *);
        bartizan_context *bartizan_subcontext_new(bartizan_context *);
        int32_t bartizan_context_eval(bartizan_context *, const char *, size_t, uint64_t, uint64_t, uint64_t, uint32_t, bartizan_buffer *);
        int32_t bartizan_context_error(bartizan_context *, bartizan_buffer *);
        void bartizan_context_free(bartizan_context *);
        typedef struct bartizan_host bartizan_host;
        typedef struct bartizan_request bartizan_request;
        typedef struct bartizan_rules bartizan_rules;
        int32_t bartizan_instance_keep(bartizan_instance *, const char *, size_t, const char *, size_t);
        bartizan_instance *bartizan_instance_kept(const char *, size_t, const char *, size_t);
        bartizan_host *bartizan_host_new(const char *, size_t);
        int32_t bartizan_host_settings(bartizan_host *, bartizan_buffer *);
        int32_t bartizan_host_self_check(bartizan_host *, bartizan_instance *, uint64_t, bartizan_buffer *);
        int32_t bartizan_host_doctor(bartizan_host *, bartizan_instance *, bartizan_buffer *);
        void bartizan_host_free(bartizan_host *);
        bartizan_request *bartizan_request_new(bartizan_host *, bartizan_instance *, uint64_t, uint64_t);
        int32_t bartizan_request_start(bartizan_request *, const char *, size_t, bartizan_buffer *);
        int32_t bartizan_request_body(bartizan_request *, const char *, size_t, uint32_t, bartizan_buffer *);
        int32_t bartizan_request_event(bartizan_request *, const char *, size_t, bartizan_buffer *);
        int32_t bartizan_request_eval(bartizan_request *, const char *, size_t, uint32_t, bartizan_buffer *);
        int32_t bartizan_request_response(bartizan_request *, const char *, size_t, bartizan_buffer *);
        int32_t bartizan_request_response_body(bartizan_request *, const char *, size_t, uint32_t, bartizan_buffer *);
        int32_t bartizan_request_finish(bartizan_request *, uint32_t, bartizan_buffer *);
        int32_t bartizan_request_error(bartizan_request *, bartizan_buffer *);
        void bartizan_request_free(bartizan_request *);
        bartizan_rules *bartizan_rules_new(void);
        int32_t bartizan_rules_offer(bartizan_rules *, const char *, size_t, bartizan_buffer *);
        int32_t bartizan_rules_restore(bartizan_rules *, const char *, size_t, bartizan_buffer *);
        int32_t bartizan_rules_save(bartizan_rules *, bartizan_buffer *);
        bartizan_instance *bartizan_rules_instance(bartizan_rules *);
        void bartizan_rules_free(bartizan_rules *);
        C;

    private static ?self $default = null;

    /** @internal for the classes of this package */
    public readonly \FFI $functions;

    /** @internal where the engine says what it lends, and a pointer to that */
    public readonly \FFI\CData $buffer;

    /** @internal */
    public readonly \FFI\CData $out;

    /** The library that this package brings along, or another. It is loaded once for each process. */
    public function __construct(string $path = '')
    {
        $path = $path === '' ? self::path() : $path;
        if (!is_file($path)) {
            throw new \RuntimeException("there is no $path: the package has no library for this system");
        }
        if (PHP_OS_FAMILY === 'Linux') {
            \FFI::cdef('void *dlopen(const char *, int);')->dlopen($path, self::RTLD_NOW_AND_NODELETE);
        }
        $this->functions = \FFI::cdef(self::FUNCTIONS, $path);
        if ($this->functions->bartizan_abi() !== self::ABI) {
            throw new \RuntimeException('the library speaks another version of the interface');
        }
        $this->buffer = $this->functions->new('bartizan_buffer');
        $this->out = \FFI::addr($this->buffer);
    }

    /** The library that this package brings along. */
    public static function default(): self
    {
        return self::$default ??= new self();
    }

    /** Where the library of this package is. */
    public static function path(): string
    {
        $machine = strtolower(PHP_OS_FAMILY) . '-' . (php_uname('m') === 'arm64' ? 'aarch64' : php_uname('m'));
        return dirname(__DIR__) . "/lib/$machine/libbartizan.so";
    }

    /** The version of the engine. */
    public function version(): string
    {
        // FFI makes a PHP string of a `const char *`.
        return $this->functions->bartizan_version();
    }

    /** @internal a handle that must be there */
    public static function held(?\FFI\CData $handle): \FFI\CData
    {
        return $handle !== null && !\FFI::isNull($handle) ? $handle : throw EngineError::of(EngineError::INTERNAL);
    }

    /** @internal a copy of the bytes that the engine lends */
    public function lent(): string
    {
        $length = $this->buffer->len;
        return $length > 0 ? \FFI::string($this->buffer->data, $length) : '';
    }
}
