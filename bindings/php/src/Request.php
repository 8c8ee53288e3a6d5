<?php

declare(strict_types=1);

namespace Bartizan;

/** One request under protection. */
final class Request
{
    private static ?self $current = null;

    /** @var ?array{status: int, headers: list<array{string, string}>, body: string} what it is to be answered with; null while it may go on */
    public ?array $response = null;

    /** How much of the body was looked at: full, partial or none. */
    public string $inspected = 'none';

    /** Whether it cannot be checked any more, and passes. */
    private bool $failed = false;

    /** @internal use Protection::begin() */
    public function __construct(
        private readonly Protection $protection,
        private readonly Library $library,
        private ?\FFI\CData $handle,
    ) {
        self::$current = $this;
    }

    public function __destruct()
    {
        $this->close();
    }

    /** The request that is being served; null where there is no protection. */
    public static function current(): ?self
    {
        return self::$current;
    }

    /**
     * Evaluates the first line, headers and peer.
     *
     * @param list<string>|array<string, mixed> $head fields in the order method, target, peer, scheme, route, style
     *   ('' or 'cgi'), and names and values of headers; or a map
     */
    public function start(array $head): ?array
    {
        return $this->call('bartizan_request_start', self::document($head));
    }

    /** Evaluates the body, or its beginning. */
    public function body(string $bytes, bool $complete = true): ?array
    {
        return $this->call('bartizan_request_body', $bytes, (int) $complete);
    }

    /** Evaluates addresses that only the application knows; with $alone nothing of it is remembered. */
    public function eval(array|string $addresses, bool $alone = false): ?array
    {
        return $this->call('bartizan_request_eval', Document::encode($addresses), $alone ? 4 : 0);
    }

    /** Evaluates an event of a user or the business; see Users. */
    public function event(array $event): ?array
    {
        return $this->call('bartizan_request_event', Document::encode($event));
    }

    /** @param list<string>|array<string, mixed> $head status, style, names and values of headers; or a map */
    public function response(array $head): ?array
    {
        return $this->call('bartizan_request_response', self::document($head));
    }

    public function responseBody(string $bytes, bool $complete = true): ?array
    {
        return $this->call('bartizan_request_response_body', $bytes, (int) $complete);
    }

    /** Hands out what the request came to, and gives its memory back. */
    public function finish(): void
    {
        if ($this->handle === null) {
            return;
        }
        $code = $this->library->functions->bartizan_request_finish($this->handle, 0, $this->library->out);
        $line = $code > 0 ? $this->library->lent() : null;
        $this->close();
        if ($line !== null) {
            $this->protection->line($line);
        }
    }

    private function close(): void
    {
        if ($this->handle !== null) {
            $this->library->functions->bartizan_request_free($this->handle);
            $this->handle = null;
        }
        if (self::$current === $this) {
            self::$current = null;
        }
    }

    /** Fields with their number in front, or JSON where one has a NUL in it. */
    private static function document(array $head): string
    {
        if (!array_is_list($head)) {
            return Document::encode($head);
        }
        $fields = (count($head) + 1) . "\0" . implode("\0", $head);
        if (substr_count($fields, "\0") === count($head)) {
            return $fields;
        }
        return Document::encode(self::map($head));
    }

    private static function map(array $head): array
    {
        $names = count($head) % 2 === 0 && count($head) >= 6 && !is_numeric($head[0])
            ? ['method', 'target', 'peer', 'scheme', 'route', 'style'] : ['status', 'style'];
        $map = array_combine($names, array_slice($head, 0, count($names)));
        $map['headers'] = array_chunk(array_slice($head, count($names)), 2);
        if ($map['style'] === 'cgi') {
            $http = array_filter($map['headers'], static fn (array $pair) => str_starts_with($pair[0], 'HTTP_') || str_starts_with($pair[0], 'CONTENT_'));
            $map['headers'] = array_values(array_map(static fn (array $pair) => [strtolower(strtr(preg_replace('/^HTTP_/', '', $pair[0]), '_', '-')), $pair[1]], $http));
        }
        unset($map['style']);
        return $map;
    }

    /** The answer; null when there is nothing to tell. A block stays in $response. */
    private function call(string $function, string $data, int ...$numbers): ?array
    {
        if ($this->handle === null || $this->response !== null || $this->failed) {
            return null;
        }
        $code = $this->library->functions->$function($this->handle, $data, strlen($data), ...[...$numbers, $this->library->out]);
        if ($code < 0) {
            $this->failed = true;
            $told = $this->library->functions->bartizan_request_error($this->handle, $this->library->out);
            $this->response = $this->protection->failed(EngineError::of($code, $told === 1 ? $this->library->lent() : ''));
            return null;
        }
        if ($function === 'bartizan_request_body' && ($code >> 4 & 3) > 0) {
            $this->inspected = ['', 'none', 'partial', 'full'][$code >> 4 & 3];
        }
        if (($code & 3) === 0) {
            return null;
        }
        $answer = Document::decode($this->library->lent());
        foreach ($answer['warnings'] ?? [] as $warning) {
            $this->protection->complain($warning);
        }
        if (($code & 3) === 2) {
            $this->response = $answer['response'];
            $this->protection->counts['blocked']++;
        }
        return $answer;
    }
}
