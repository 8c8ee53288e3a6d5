<?php

declare(strict_types=1);

namespace Bartizan;

/** Collects configuration documents under paths. */
final class Builder
{
    private readonly Library $library;
    private ?\FFI\CData $handle;

    public function __construct(?Library $library = null)
    {
        $this->library = $library ?? Library::default();
        $this->handle = Library::held($this->library->functions->bartizan_builder_new());
    }

    public function __destruct()
    {
        $this->close();
    }

    /**
     * Adds or replaces the configuration of a path. When it is not accepted, what the path held before stays in force.
     *
     * @param string|array|object $config a document as text (JSON, MessagePack, a compiled bundle), or a value
     */
    public function update(string $path, string|array|object $config): Update
    {
        $document = Document::encode($config);
        $code = $this->library->functions->bartizan_builder_update(
            $this->handle(), $path, strlen($path), $document, strlen($document), 0, $this->library->out
        );
        if ($code < 0) {
            throw EngineError::of($code);
        }
        return new Update($code === 1, Document::decode($this->library->lent()));
    }

    /** Removes a path; false when it is not known. */
    public function remove(string $path): bool
    {
        $code = $this->library->functions->bartizan_builder_remove($this->handle(), $path, strlen($path));
        return $code >= 0 ? $code === 1 : throw EngineError::of($code);
    }

    /** @return list<string> the paths that have a configuration, in the order in which they were added */
    public function paths(): array
    {
        $code = $this->library->functions->bartizan_builder_paths($this->handle(), $this->library->out);
        return $code >= 0 ? Document::decode($this->library->lent()) : throw EngineError::of($code);
    }

    /** An instance of the configuration as it stands; null when nothing in it would ever run. */
    public function build(): ?Instance
    {
        $handle = $this->library->functions->bartizan_builder_build($this->handle());
        return $handle === null || \FFI::isNull($handle) ? null : new Instance($this->library, $handle);
    }

    /** Gives the memory back, as the end of the object does; instances live on. */
    public function close(): void
    {
        if (isset($this->handle)) {
            $this->library->functions->bartizan_builder_free($this->handle);
            $this->handle = null;
        }
    }

    private function handle(): \FFI\CData
    {
        return $this->handle ?? throw new \LogicException('the builder is closed');
    }
}
