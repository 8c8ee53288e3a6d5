<?php

declare(strict_types=1);

namespace Bartizan;

/** What evaluates. It never changes. */
final class Instance
{
    /** @internal use Builder::build() */
    public function __construct(private readonly Engine $engine, private readonly \FFI\CData $handle)
    {
    }

    public function __destruct()
    {
        $this->engine->library->bartizan_instance_free($this->handle);
    }

    /** @return list<string> the addresses that rules look at: what is worth sending */
    public function addresses(): array
    {
        $out = $this->engine->buffer();
        $code = $this->engine->library->bartizan_instance_addresses($this->handle, \FFI::addr($out));
        return $code >= 0 ? Engine::decode(Engine::text($out)) : throw EngineError::of($code);
    }

    /** @return list<string> the types of actions that can be asked for */
    public function actions(): array
    {
        $out = $this->engine->buffer();
        $code = $this->engine->library->bartizan_instance_actions($this->handle, \FFI::addr($out));
        return $code >= 0 ? Engine::decode(Engine::text($out)) : throw EngineError::of($code);
    }

    /** A context for one request. */
    public function context(): Context
    {
        $handle = $this->engine->library->bartizan_context_new($this->handle);
        return new Context($this->engine, $this->engine->held($handle));
    }
}
