<?php

declare(strict_types=1);

namespace Bartizan;

/** @internal Rules that are being judged: all of an offer, or nothing. */
final class Rules
{
    private readonly \FFI\CData $handle;

    public function __construct(private readonly Library $library, private readonly \Closure $log)
    {
        $this->handle = Library::held($library->functions->bartizan_rules_new());
    }

    public function __destruct()
    {
        $this->library->functions->bartizan_rules_free($this->handle);
    }

    public function offer(array $offer): array
    {
        $document = Document::encode($offer);
        return $this->told($this->library->functions->bartizan_rules_offer(
            $this->handle, $document, strlen($document), $this->library->out
        ));
    }

    public function restore(string $saved): array
    {
        return $this->told($this->library->functions->bartizan_rules_restore(
            $this->handle, $saved, strlen($saved), $this->library->out
        ));
    }

    public function saved(): string
    {
        $this->library->functions->bartizan_rules_save($this->handle, $this->library->out);
        return $this->library->lent();
    }

    public function instance(): ?Instance
    {
        $handle = $this->library->functions->bartizan_rules_instance($this->handle);
        return $handle === null || \FFI::isNull($handle) ? null : new Instance($this->library, $handle);
    }

    private function told(int $code): array
    {
        if ($code < 0) {
            return ['state' => 'refused', 'warnings' => []];
        }
        $told = Document::decode($this->library->lent());
        foreach ($told['warnings'] as $warning) {
            ($this->log)($warning);
        }
        return $told;
    }
}
