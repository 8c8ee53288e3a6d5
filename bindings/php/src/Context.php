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
    public function __construct(private readonly Engine $engine, private readonly \FFI\CData $handle)
    {
    }

    public function __destruct()
    {
        $this->engine->library->bartizan_context_free($this->handle);
    }

    /**
     * Evaluates addresses; gives the result, or null when nothing matched. For the arguments see evalJson().
     *
     * @param string|array|object $data a document as text, or a value
     */
    public function eval(
        string|array|object $data,
        int $now = 0,
        int $entropy = 0,
        int $budget = self::UNLIMITED,
        bool $batches = false,
    ): ?array {
        $json = $this->evalJson($data, $now, $entropy, $budget, $batches);
        return $json === null ? null : Engine::decode($json);
    }

    /**
     * Evaluates addresses; gives the result as the engine wrote it, or null when nothing matched.
     *
     * @param string|array|object $data a document as text, or a value
     * @param int $now seconds since 1970, for data that expires; 0: the clock
     * @param int $entropy 64 random bits, for ids; 0: drawn
     * @param int $budget work units
     * @param bool $batches the data is a list of maps
     */
    public function evalJson(
        string|array|object $data,
        int $now = 0,
        int $entropy = 0,
        int $budget = self::UNLIMITED,
        bool $batches = false,
    ): ?string {
        $document = Engine::encode($data);
        $out = $this->engine->buffer();
        $code = $this->engine->library->bartizan_context_eval(
            $this->handle, $document, strlen($document), $now, $entropy, $budget,
            $batches ? self::BATCHES : 0, \FFI::addr($out)
        );
        if ($code < 0) {
            throw EngineError::of($code);
        }
        return $code === 1 ? Engine::text($out) : null;
    }

    /** A context that starts as a copy of this one; nothing flows back. */
    public function subcontext(): self
    {
        $handle = $this->engine->library->bartizan_subcontext_new($this->handle);
        return new self($this->engine, $this->engine->held($handle));
    }
}
