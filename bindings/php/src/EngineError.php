<?php

declare(strict_types=1);

namespace Bartizan;

/** The engine refused; the code is one of the constants. */
final class EngineError extends \RuntimeException
{
    /** An argument is invalid. */
    public const ARGUMENT = -1;
    /** A document cannot be read, or is not a map. */
    public const DOCUMENT = -2;
    /** A defect showed in the engine. The request it happened in is lost, and no other. */
    public const INTERNAL = -3;

    /** @internal */
    public static function of(int $code, string $why = ''): self
    {
        return new self(match ($code) {
            self::ARGUMENT => 'an argument is invalid',
            self::DOCUMENT => 'the document cannot be read, or is not a map',
            self::INTERNAL => 'a defect in the engine; the object it happened in is of no further use',
            default => "the engine answered $code",
        } . ($why === '' ? '' : ": $why"), $code);
    }
}
