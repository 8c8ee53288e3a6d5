<?php

declare(strict_types=1);

namespace Bartizan;

/** One request: what it has shown so far, and what has been reported of it. */
final class Context
{
    /** A budget without limit: 64 bits, all of them set. */
    public const UNLIMITED = -1;

    private const BATCHES = 2;

    /** @internal use Instance::context() */
    public function __construct(private readonly Library $library, private ?\FFI\CData $handle)
    {
    }

    public function __destruct()
    {
        $this->close();
    }

    /**
     * Evaluates addresses; gives the result, or null when nothing matched.
     *
     * @param string|array|object $data a map from address to value: a document as text, or a value
     * @param int $now seconds since 1970, for data that expires; 0: the clock
     * @param int $entropy 64 random bits, for ids; 0: drawn
     * @param int $budget work units, about one for each byte looked at
     * @param bool $batches the data is a list of maps
     */
    public function eval(
        string|array|object $data,
        int $now = 0,
        int $entropy = 0,
        int $budget = self::UNLIMITED,
        bool $batches = false,
    ): ?Result {
        $document = Document::encode($data);
        $code = $this->library->functions->bartizan_context_eval(
            $this->handle ?? throw new \LogicException('the context is closed'),
            $document, strlen($document), $now, $entropy, $budget, $batches ? self::BATCHES : 0, $this->library->out
        );
        return match ($code) {
            0 => null,
            1 => Result::of($this->library->lent()),
            default => throw EngineError::of($code, $this->reason()),
        };
    }

    /** A context that starts as a copy of this one; nothing flows back. */
    public function subcontext(): self
    {
        $handle = $this->handle ?? throw new \LogicException('the context is closed');
        return new self($this->library, Library::held($this->library->functions->bartizan_subcontext_new($handle)));
    }

    /** Gives the memory back, as the end of the object does. */
    public function close(): void
    {
        if ($this->handle !== null) {
            $this->library->functions->bartizan_context_free($this->handle);
            $this->handle = null;
        }
    }

    private function reason(): string
    {
        $told = $this->library->functions->bartizan_context_error($this->handle, $this->library->out);
        return $told === 1 ? $this->library->lent() : '';
    }
}
