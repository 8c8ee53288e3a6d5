"""What a request costs around the engine: cost.py [RULES …]; without rules those of the package.

Side by side in one run: a WSGI application as it is, the same under protection, and the engine by itself on the same
addresses, from a document that is made beforehand. What is left is gathering, calling and lifetimes.
"""

import io
import json
import statistics
import sys
import time

from bartizan import Protection, WsgiMiddleware

HEADERS = {
    "HTTP_HOST": "shop.example",
    "HTTP_USER_AGENT": "Mozilla/5.0 (X11; Linux x86_64; rv:143.0) Gecko/20100101 Firefox/143.0",
    "HTTP_ACCEPT": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
    "HTTP_ACCEPT_LANGUAGE": "de,en-US;q=0.7,en;q=0.3",
    "HTTP_ACCEPT_ENCODING": "gzip, deflate, br",
    "HTTP_CONNECTION": "keep-alive",
    "HTTP_COOKIE": "session=abcdef0123456789abcdef; theme=dark; visits=123456789.1234567890",
    "HTTP_REFERER": "https://shop.example/products/overview?page=1&from=mail",
    "HTTP_SEC_FETCH_DEST": "document",
    "HTTP_SEC_FETCH_MODE": "navigate",
    "HTTP_SEC_FETCH_SITE": "same-origin",
    "HTTP_UPGRADE_INSECURE_REQUESTS": "1",
    "HTTP_X_FORWARDED_FOR": "203.0.113.77",
    "HTTP_X_REQUEST_ID": "0123456789abcdef0123456789abcdef",
}
ENVIRON = {
    "REQUEST_METHOD": "GET",
    "SCRIPT_NAME": "",
    "PATH_INFO": "/products/list",
    "QUERY_STRING": "q=shoes&page=2&sort=price",
    "REMOTE_ADDR": "203.0.113.5",
    "SERVER_NAME": "shop.example",
    "SERVER_PORT": "443",
    "SERVER_PROTOCOL": "HTTP/1.1",
    "wsgi.url_scheme": "https",
    **HEADERS,
}
ADDRESSES = [
    {
        "server.request.method": "GET",
        "server.request.uri.raw": "/products/list?q=shoes&page=2&sort=price",
        "server.request.query": {"q": ["shoes"], "page": ["2"], "sort": ["price"]},
        "server.request.headers.no_cookies": {
            name[5:].lower().replace("_", "-"): value for name, value in HEADERS.items() if name != "HTTP_COOKIE"
        },
        "server.request.cookies": {
            "session": "abcdef0123456789abcdef",
            "theme": "dark",
            "visits": "123456789.1234567890",
        },
        "http.client_ip": "203.0.113.5",
    },
    {
        "server.response.status": "200",
        "server.response.headers.no_cookies": {"content-type": "text/html; charset=utf-8", "content-length": "5"},
    },
]


def app(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/html; charset=utf-8"), ("Content-Length", "5")])
    return [b"hello"]


def main():
    protection = Protection(rules=sys.argv[1:], environment={})
    guarded = WsgiMiddleware(app, protection)
    core = protection._core
    library = core.engine._door._quick
    documents = [json.dumps(addresses).encode() for addresses in ADDRESSES]
    instance = core.instance._handle
    said = lambda status, headers, exc_info=None: None  # noqa: E731

    def alone():
        context = library.bartizan_context_new(instance)
        for document in documents:
            library.bartizan_context_eval(context, document, len(document), 1, 1, 2**64 - 1, 0, None)
        library.bartizan_context_free(context)

    runs = {
        "application": lambda: app(dict(ENVIRON), said),
        "protected": lambda: guarded(dict(ENVIRON, **{"wsgi.input": io.BytesIO()}), said),
        "engine": alone,
    }
    times = {name: [] for name in runs}
    for _ in range(20):
        for name, run in runs.items():
            for _ in range(500):
                began = time.perf_counter_ns()
                run()
                times[name].append(time.perf_counter_ns() - began)
    medians = {name: statistics.median(all_) / 1000 for name, all_ in times.items()}
    around = medians["protected"] - medians["application"] - medians["engine"]
    figures = {f"{name}_us": round(median, 2) for name, median in medians.items()}
    print(json.dumps({**figures, "around_us": round(around, 2), "bytes": sum(map(len, documents))}))


main()
