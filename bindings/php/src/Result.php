<?php

declare(strict_types=1);

namespace Bartizan;

/** What an evaluation that matched found. */
final class Result
{
    /**
     * @param list<array> $events the rules that matched: `rule`, `rule_matches` and ids
     * @param array<string, array> $actions their parameters by type, such as block_request
     * @param array<string, mixed> $attributes what belongs on the request's span
     * @param bool $keep whether the request's trace must be kept
     * @param bool $timeout whether the budget was spent before all was looked at
     * @param int $evaluated batches that were looked at completely
     * @param int $durationNs how long it took
     * @param string $json the document as the engine wrote it
     */
    private function __construct(
        public readonly array $events,
        public readonly array $actions,
        public readonly array $attributes,
        public readonly bool $keep,
        public readonly bool $timeout,
        public readonly int $evaluated,
        public readonly int $durationNs,
        public readonly string $json,
    ) {
    }

    /** @internal */
    public static function of(string $json): self
    {
        $document = Document::decode($json);
        return new self(
            $document['events'], $document['actions'], $document['attributes'], $document['keep'],
            $document['timeout'], $document['evaluated'], $document['duration'], $json
        );
    }

    /** Whether an action asks for another answer than the application's. */
    public function blocks(): bool
    {
        return isset($this->actions['block_request']) || isset($this->actions['redirect_request']);
    }
}
