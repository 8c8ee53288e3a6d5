<?php

declare(strict_types=1);

namespace Bartizan;

/**
 * The engine: the shared library, called through FFI.
 *
 *     $engine = new Bartizan\Engine('libbartizan.so');
 *     $builder = $engine->builder();
 *     $update = $builder->update('rules', $rules);       // ['accepted' => bool, 'diagnostics' => array]
 *     $instance = $builder->build();                     // null: nothing would ever run
 *
 *     $context = $instance->context();                   // one for each request
 *     $result = $context->eval(['server.request.query' => ['q' => ["' or 1=1 -- "]]]);   // null: no match
 *
 * Objects give their memory back when they are no longer used.
 */
final class Engine
{
    private const ABI = 1;

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
        bartizan_instance *bartizan_builder_build(bartizan_builder *);
        void bartizan_builder_free(bartizan_builder *);
        int32_t bartizan_instance_addresses(bartizan_instance *, bartizan_buffer *);
        int32_t bartizan_instance_actions(bartizan_instance *, bartizan_buffer *);
        void bartizan_instance_free(bartizan_instance *);
        bartizan_context *bartizan_context_new(bartizan_instance *);
        bartizan_context *bartizan_subcontext_new(bartizan_context *);
        int32_t bartizan_context_eval(bartizan_context *, const char *, size_t, uint64_t, uint64_t, uint64_t, uint32_t, bartizan_buffer *);
        void bartizan_context_free(bartizan_context *);
        C;

    private const JSON = JSON_UNESCAPED_SLASHES | JSON_UNESCAPED_UNICODE | JSON_PRESERVE_ZERO_FRACTION
        | JSON_INVALID_UTF8_SUBSTITUTE | JSON_PARTIAL_OUTPUT_ON_ERROR;

    /** @internal for the classes of this package */
    public readonly \FFI $library;

    /** Loads the library; with opcache.preload it can be loaded once for all requests. */
    public function __construct(string $library)
    {
        $this->library = \FFI::cdef(self::FUNCTIONS, $library);
        if ($this->library->bartizan_abi() !== self::ABI) {
            throw new EngineError('the engine speaks another version of the interface');
        }
    }

    /** The version of the engine. */
    public function version(): string
    {
        // FFI makes a PHP string of a `const char *`.
        return $this->library->bartizan_version();
    }

    /** A builder without configuration. */
    public function builder(): Builder
    {
        return new Builder($this, $this->held($this->library->bartizan_builder_new()));
    }

    /** @internal a handle that must be there */
    public function held(?\FFI\CData $handle): \FFI\CData
    {
        return $handle !== null && !\FFI::isNull($handle) ? $handle : throw EngineError::of(-3);
    }

    /** @internal */
    public function buffer(): \FFI\CData
    {
        return $this->library->new('bartizan_buffer');
    }

    /** @internal a copy of the bytes that the engine lends */
    public static function text(\FFI\CData $buffer): string
    {
        return $buffer->len > 0 ? \FFI::string($buffer->data, $buffer->len) : '';
    }

    /** @internal text is a document as it is (JSON or MessagePack), any other value becomes JSON */
    public static function encode(mixed $document): string
    {
        if (is_string($document)) {
            return $document;
        }
        if ($document === []) {
            return '{}';
        }
        return json_encode($document, self::JSON) ?: throw new EngineError('the document cannot be written as JSON');
    }

    /** @internal */
    public static function decode(string $document): mixed
    {
        return json_decode($document, true, 512, JSON_THROW_ON_ERROR | JSON_INVALID_UTF8_SUBSTITUTE);
    }
}
