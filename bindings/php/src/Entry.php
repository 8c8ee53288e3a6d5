<?php

declare(strict_types=1);

namespace Bartizan;

/** Protection of plain PHP: of everything that this request is. See protect.php. */
final class Entry
{
    /** Evaluates the request, and answers it in the application's place when it is blocked. */
    public static function protect(?Protection $protection = null): ?Request
    {
        try {
            $protection ??= Protection::default();
            $request = $protection->begin();
        } catch (\Throwable $failure) {
            error_log("bartizan: nothing is protected: {$failure->getMessage()}");
            return null;
        }
        if ($request === null) {
            register_shutdown_function(static fn () => $protection->poll());
            return null;
        }
        self::begin($request, $protection->settings['body_limit']);
        register_shutdown_function(static function () use ($request, $protection): void {
            while (ob_get_level() > 0 && ob_end_flush()) {
            }
            $request->finish();
            if (function_exists('fastcgi_finish_request')) {
                fastcgi_finish_request();
            }
            $protection->poll();
        });
        if ($request->response !== null) {
            self::answer($request->response);
            exit;
        }
        self::watch($request);
        set_exception_handler(static function (\Throwable $thrown): void {
            if (!$thrown instanceof Blocked) {
                restore_exception_handler();
                throw $thrown;
            }
        });
        return $request;
    }

    private static function begin(Request $request, int $limit): void
    {
        $scheme = in_array($_SERVER['HTTPS'] ?? '', ['', 'off'], true) ? 'http' : 'https';
        $head = [
            $_SERVER['REQUEST_METHOD'] ?? '', $_SERVER['REQUEST_URI'] ?? '', $_SERVER['REMOTE_ADDR'] ?? '', $scheme, '', 'cgi',
        ];
        foreach ($_SERVER as $name => $value) {
            $name = (string) $name;
            // php -S has these twice.
            if ($name === 'HTTP_CONTENT_TYPE' || $name === 'HTTP_CONTENT_LENGTH') {
                continue;
            }
            if (is_string($value) && (str_starts_with($name, 'HTTP_') || $name === 'CONTENT_TYPE' || $name === 'CONTENT_LENGTH')) {
                array_push($head, $name, $value);
            }
        }
        $request->start($head);
        $type = $_SERVER['CONTENT_TYPE'] ?? '';
        if (stripos($type, 'multipart/form-data') === 0) {
            self::parsed($request);
        } elseif ($type !== '') {
            // PHP keeps the body; the application reads it as if nobody had.
            $bytes = (string) file_get_contents('php://input', length: $limit + 1);
            if ($bytes !== '') {
                $request->body(substr($bytes, 0, $limit), strlen($bytes) <= $limit);
            }
        }
    }

    /** PHP takes multipart bodies apart itself, and shows nobody the bytes. */
    private static function parsed(Request $request): void
    {
        $names = [];
        array_walk_recursive($_FILES, static function (mixed $value, string|int $key) use (&$names): void {
            if ($key === 'name') {
                $names[] = (string) $value;
            }
        });
        $addresses = array_filter([
            'server.request.body' => $_POST,
            'server.request.body.filenames' => $names,
            'server.request.body.files_field_names' => array_keys($_FILES),
        ]);
        if ($addresses !== []) {
            $request->eval($addresses);
            $request->inspected = $_FILES === [] ? 'full' : 'partial';
        }
    }

    /** Evaluates the response when its first bytes come, and puts another in its place when it is blocked. */
    private static function watch(Request $request): void
    {
        $decided = false;
        ob_start(static function (string $part) use ($request, &$decided): string {
            if ($decided) {
                return $request->response === null ? $part : '';
            }
            $decided = true;
            if ($request->response === null && !headers_sent()) {
                $head = [(string) (http_response_code() ?: 200), ''];
                foreach (headers_list() as $header) {
                    array_push($head, ...array_map('trim', explode(':', $header, 2)));
                }
                $request->response($head);
            }
            if ($request->response === null || headers_sent()) {
                return $part;
            }
            self::head($request->response);
            return $request->response['body'];
        }, 8192);
    }

    private static function head(array $response): void
    {
        header_remove();
        http_response_code($response['status']);
        foreach ($response['headers'] as [$name, $value]) {
            header("$name: $value", false);
        }
        header('content-length: ' . strlen($response['body']));
    }

    private static function answer(array $response): void
    {
        self::head($response);
        echo $response['body'];
    }
}
