<?php

declare(strict_types=1);

namespace Bartizan;

/** The request is blocked; what is thrown goes through the application to whoever protects it. */
final class Blocked extends \RuntimeException
{
    /** @param array{status: int, headers: list<array{string, string}>, body: string} $response */
    public function __construct(public readonly array $response)
    {
        parent::__construct('the request is blocked', $response['status']);
    }
}
