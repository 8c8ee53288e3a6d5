<?php

declare(strict_types=1);

namespace Bartizan;

/** What became of a configuration. When it is not accepted, the former one stays in force. */
final class Update
{
    /** @internal */
    public function __construct(public readonly bool $accepted, public readonly array $diagnostics)
    {
    }
}
