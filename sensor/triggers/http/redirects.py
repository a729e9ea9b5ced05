"""Where an answer points elsewhere: the next request, by the rules of Go's http.Client.

Source: https://pkg.go.dev/net/http#Client and src/net/http/client.go of Go 1.26 (redirectBehavior, makeHeadersCopier,
shouldCopyHeaderOnRedirect). Stricter on purpose: secure headers are as sensitive as Authorization, and neither goes from
https to http.
"""

from dataclasses import replace
from urllib.parse import urlsplit

from common.errors import Failed
from sensor.triggers.http.request import Request, basic
from sensor.triggers.http.url import Url

MOST = 10
"""Redirects that are followed."""
_TO_GET = frozenset({301, 302, 303})
_AS_IS = frozenset({307, 308})
_SENSITIVE = frozenset({"authorization", "www-authenticate", "cookie", "cookie2", "proxy-authorization", "proxy-authenticate"})
_OF_BODY = frozenset({"content-encoding", "content-language", "content-location", "content-type"})


def follow(first: Request, request: Request, status: int, location: str) -> Request | None:
    """Give the next request, or None where the answer is the last. `first` opened the chain. Raises `Failed`."""
    if status not in _TO_GET | _AS_IS or not location:
        return None
    try:
        url = request.url.join(location)
    except ValueError as error:
        raise Failed(f"{request.url.place} points to an address that cannot be followed: {error}") from error
    # A host of the document's own stays where the server names none.
    host = url.host if urlsplit(location).netloc else request.host
    dropped = frozenset[str]() if _trusted(first.url, url) else _SENSITIVE | request.private
    body, method = request.body, request.method
    if status in _TO_GET:
        body = None
        if method not in {"GET", "HEAD"}:
            method = "GET"
            dropped |= _OF_BODY
    headers = {name: value for name, value in request.headers.items() if name.lower() not in dropped}
    if url.login is not None and "Authorization" not in headers:
        headers["Authorization"] = basic(url.login)
    return replace(request, method=method, url=url, host=host, headers=headers, body=body)


def _trusted(first: Url, url: Url) -> bool:
    """Say whether what is meant for the first server may be told to this one: the same, or one of its domain."""
    if first.scheme == "https" and url.scheme != "https":
        return False
    name, parent = url.hostname, first.hostname
    return name == parent or (":" not in name and name.endswith(f".{parent}"))
