<?php

declare(strict_types=1);

namespace Bartizan;

/** Why a source of rules gave nothing. */
final class SourceError extends \RuntimeException
{
}
