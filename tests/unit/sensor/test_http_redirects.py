"""Redirects of the `http` trigger: method, body, headers and host by Go's rules."""

import pytest

from common.errors import Failed
from sensor.triggers.http import redirects, url
from sensor.triggers.http.request import Request

HEADERS = {"Authorization": "Basic x", "Content-Type": "text/plain", "X-Token": "secret", "X-One": "1"}


def request(address: str = "https://a.example/x/y?q=1", **over: object) -> Request:
    """Make a request with a header of each sort."""
    fields = {"method": "POST", "host": "a.example", "headers": HEADERS, "body": b"b", "private": frozenset({"x-token"})}
    return Request(url=url.read(address), **(fields | over))  # type: ignore[arg-type]


def follow(status: int, location: str, first: Request | None = None) -> Request | None:
    """Follow an answer to the first request."""
    first = first or request()
    return redirects.follow(first, first, status, location)


@pytest.mark.parametrize(
    ("status", "method", "becomes", "body"),
    [
        (301, "POST", "GET", None),
        (302, "PUT", "GET", None),
        (303, "DELETE", "GET", None),
        (302, "GET", "GET", None),
        (303, "HEAD", "HEAD", None),
        (307, "POST", "POST", b"b"),
        (308, "PATCH", "PATCH", b"b"),
    ],
)
def test_the_status_says_what_is_sent_next(status: int, method: str, becomes: str, body: bytes | None) -> None:
    """301 to 303 ask with GET and no body, 307 and 308 send the same again."""
    following = follow(status, "/z", request(method=method))
    assert following is not None
    assert (following.method, following.body) == (becomes, body)


@pytest.mark.parametrize("status", [200, 204, 300, 304, 305, 306, 404, 500])
def test_other_answers_are_the_last(status: int) -> None:
    """Only five statuses point elsewhere, whatever Location says."""
    assert follow(status, "/z") is None


def test_a_redirect_without_a_location_is_the_last_answer() -> None:
    """So is a 302 that does not say where to."""
    assert follow(302, "") is None


@pytest.mark.parametrize(
    ("location", "goes_to"),
    [
        ("/z", "https://a.example/z"),
        ("z?r", "https://a.example/x/z?r"),
        ("//b.example/z", "https://b.example/z"),
        ("http://b.example:81", "http://b.example:81/"),
        ("?only", "https://a.example/x/y?only"),
        ("/z#part", "https://a.example/z"),
    ],
)
def test_a_location_may_be_relative(location: str, goes_to: str) -> None:
    """It is read from where the answer came."""
    following = follow(307, location)
    assert following is not None
    assert str(following.url) == goes_to


@pytest.mark.parametrize("location", ["ftp://b/", "http://", "http://b:x/", "/%zz", "http://[::1"])
def test_a_location_that_cannot_be_followed_is_an_attempt(location: str) -> None:
    """The request was answered, with nonsense: that may be better the next time."""
    with pytest.raises(Failed, match=r"https://a\.example/x/y points to"):
        follow(307, location)


@pytest.mark.parametrize(
    ("location", "kept"),
    [
        ("https://a.example/z", True),
        ("https://sub.a.example/z", True),
        ("https://a.example:8443/z", True),
        ("https://b.example/z", False),
        ("https://ba.example/z", False),
        ("http://a.example/z", False),
    ],
)
def test_secrets_go_to_the_same_server_only(location: str, *, kept: bool) -> None:
    """Another host, or one without TLS, gets neither the login nor a secure header; all else it gets."""
    following = follow(307, location)
    assert following is not None
    expected = HEADERS if kept else {"Content-Type": "text/plain", "X-One": "1"}
    assert following.headers == expected


def test_what_was_dropped_does_not_come_back() -> None:
    """A server in between cannot send us home with headers that it should not have caused."""
    first = request()
    away = redirects.follow(first, first, 307, "https://b.example/")
    assert away is not None
    back = redirects.follow(first, away, 307, "https://a.example/")
    assert back is not None
    assert "X-Token" not in back.headers


def test_headers_about_a_body_go_with_it() -> None:
    """A GET without a body has no Content-Type."""
    following = follow(303, "/z")
    assert following is not None
    assert "Content-Type" not in following.headers


@pytest.mark.parametrize(("location", "host"), [("/z", "virtual"), ("https://a.example/z", "a.example")])
def test_a_host_of_the_document_stays_where_the_server_names_none(location: str, host: str) -> None:
    """`host` is the document's name for this server; another one has its own."""
    following = follow(307, location, request(host="virtual"))
    assert following is not None
    assert following.host == host


def test_a_login_in_the_location_is_used() -> None:
    """As in Go, where no other Authorization is left."""
    following = follow(307, "https://user:word@b.example/")
    assert following is not None
    assert following.headers["Authorization"] == "Basic dXNlcjp3b3Jk"
