<?php

declare(strict_types=1);

namespace Bartizan;

/** Collects configuration documents under paths. */
final class Builder
{
    /** @internal use Engine::builder() */
    public function __construct(private readonly Engine $engine, private readonly \FFI\CData $handle)
    {
    }

    public function __destruct()
    {
        $this->engine->library->bartizan_builder_free($this->handle);
    }

    /**
     * Adds or replaces the configuration of a path. When it is not accepted, what the path held before
     * stays in force.
     *
     * @param string|array|object $config a document as text, or a value
     * @return array{accepted: bool, diagnostics: array}
     */
    public function update(string $path, string|array|object $config): array
    {
        $document = Engine::encode($config);
        $out = $this->engine->buffer();
        $code = $this->engine->library->bartizan_builder_update(
            $this->handle, $path, strlen($path), $document, strlen($document), 0, \FFI::addr($out)
        );
        if ($code < 0) {
            throw EngineError::of($code);
        }
        return ['accepted' => $code === 1, 'diagnostics' => Engine::decode(Engine::text($out))];
    }

    /** Removes a path; false when it is not known. */
    public function remove(string $path): bool
    {
        $code = $this->engine->library->bartizan_builder_remove($this->handle, $path, strlen($path));
        return $code >= 0 ? $code === 1 : throw EngineError::of($code);
    }

    /** An instance of the configuration as it stands; null when nothing in it would ever run. */
    public function build(): ?Instance
    {
        $handle = $this->engine->library->bartizan_builder_build($this->handle);
        return $handle === null || \FFI::isNull($handle) ? null : new Instance($this->engine, $handle);
    }
}
