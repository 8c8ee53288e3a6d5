<?php

declare(strict_types=1);

namespace Bartizan;

/** What evaluates. It never changes. */
final class Instance
{
    /** @internal use Builder::build() */
    public function __construct(private readonly Library $library, private ?\FFI\CData $handle)
    {
    }

    public function __destruct()
    {
        $this->close();
    }

    /** @return list<string> the addresses that rules look at: what is worth sending */
    public function addresses(): array
    {
        $code = $this->library->functions->bartizan_instance_addresses($this->handle(), $this->library->out);
        return $code >= 0 ? Document::decode($this->library->lent()) : throw EngineError::of($code);
    }

    /** @return list<string> the types of actions that can be asked for */
    public function actions(): array
    {
        $code = $this->library->functions->bartizan_instance_actions($this->handle(), $this->library->out);
        return $code >= 0 ? Document::decode($this->library->lent()) : throw EngineError::of($code);
    }

    /** A context for one request. */
    public function context(): Context
    {
        $handle = $this->library->functions->bartizan_context_new($this->handle());
        return new Context($this->library, Library::held($handle));
    }

    /** Gives the memory back, as the end of the object does; contexts live on. */
    public function close(): void
    {
        if ($this->handle !== null) {
            $this->library->functions->bartizan_instance_free($this->handle);
            $this->handle = null;
        }
    }

    /** @internal */
    public function handle(): \FFI\CData
    {
        return $this->handle ?? throw new \LogicException('the instance is closed');
    }
}
