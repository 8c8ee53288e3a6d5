<?php

declare(strict_types=1);

namespace Bartizan;

use Psr\Http\Message\{ResponseFactoryInterface, ResponseInterface, ServerRequestInterface, StreamFactoryInterface};
use Psr\Http\Server\{MiddlewareInterface, RequestHandlerInterface};

/** Protection as PSR-15 middleware: the outermost of all. */
final class Middleware implements MiddlewareInterface
{
    public function __construct(
        private readonly Protection $protection,
        private readonly ResponseFactoryInterface $responses,
        private readonly StreamFactoryInterface $streams,
    ) {
    }

    public function process(ServerRequestInterface $request, RequestHandlerInterface $handler): ResponseInterface
    {
        $guarded = $this->protection->begin();
        if ($guarded === null) {
            return $handler->handle($request);
        }
        try {
            return $this->guard($guarded, $request, $handler);
        } finally {
            $guarded->finish();
            $this->protection->poll();
        }
    }

    private function guard(Request $guarded, ServerRequestInterface $request, RequestHandlerInterface $handler): ResponseInterface
    {
        $server = $request->getServerParams();
        $head = [
            $request->getMethod(), $request->getRequestTarget(), $server['REMOTE_ADDR'] ?? '', $request->getUri()->getScheme(), '', '',
        ];
        $guarded->start([...$head, ...self::headers($request->getHeaders())]);
        $this->body($guarded, $request);
        if ($guarded->response === null) {
            try {
                $response = $handler->handle($request->withAttribute(Request::class, $guarded));
                $guarded->response([(string) $response->getStatusCode(), '', ...self::headers($response->getHeaders())]);
                if ($guarded->response === null) {
                    return $response;
                }
            } catch (Blocked) {
                // The response is below.
            }
        }
        return $this->answer($guarded->response);
    }

    private function body(Request $guarded, ServerRequestInterface $request): void
    {
        $stream = $request->getBody();
        if ($guarded->response !== null || !$stream->isSeekable()) {
            return;
        }
        $limit = $this->protection->settings['body_limit'];
        $stream->rewind();
        $bytes = '';
        while (strlen($bytes) <= $limit && !$stream->eof()) {
            $bytes .= $stream->read($limit + 1 - strlen($bytes));
        }
        $stream->rewind();
        if ($bytes !== '') {
            $guarded->body(substr($bytes, 0, $limit), strlen($bytes) <= $limit);
        } elseif ((array) $request->getParsedBody() !== []) {
            $guarded->eval(['server.request.body' => $request->getParsedBody()]);
        }
    }

    /** @return list<string> */
    private static function headers(array $headers): array
    {
        $fields = [];
        foreach ($headers as $name => $values) {
            foreach ($values as $value) {
                array_push($fields, (string) $name, $value);
            }
        }
        return $fields;
    }

    private function answer(array $blocked): ResponseInterface
    {
        $response = $this->responses->createResponse($blocked['status']);
        foreach ($blocked['headers'] as [$name, $value]) {
            $response = $response->withAddedHeader($name, $value);
        }
        return $response->withBody($this->streams->createStream($blocked['body']));
    }
}
