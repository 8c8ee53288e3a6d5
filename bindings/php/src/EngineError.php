<?php

declare(strict_types=1);

namespace Bartizan;

/** The engine refused; the code is what it returned. */
final class EngineError extends \RuntimeException
{
    /** @internal */
    public static function of(int $code): self
    {
        return new self(match ($code) {
            -1 => 'an argument is invalid',
            -2 => 'the document cannot be read, or is not a map',
            default => 'an internal error; the object it happened in is of no further use',
        }, $code);
    }
}
