"""Addresses of the `http` trigger: read and written as Go's net/url does, and silent about logins."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sensor.triggers.http import url


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("http://h", "http://h/"),
        ("HTTP://h:80/a", "http://h:80/a"),
        ("https://h/p?a=1&b=x%20y#frag", "https://h/p?a=1&b=x%20y"),
        ("http://h/a b", "http://h/a%20b"),
        ("http://h/a b(c)%2F", "http://h/a%20b%28c%29/"),
        ("http://h/a(c)%2fd", "http://h/a(c)%2fd"),
        ("http://h/ž", "http://h/%C5%BE"),
        ("http://h/%7Euser/~", "http://h/%7Euser/~"),
        ("http://h?q", "http://h/?q"),
        ("http://h/p?", "http://h/p?"),
        ("http://h/?q=a b", "http://h/?q=a%20b"),
        ("http://h/../x//y", "http://h/../x//y"),
        ("http://[::1]:8080/x", "http://[::1]:8080/x"),
        ("http://bücher.example/", "http://xn--bcher-kva.example/"),
    ],
)
def test_an_address_goes_out_as_go_writes_it(text: str, written: str) -> None:
    """A path of good characters stays as it is, another is escaped anew; the query stays; the fragment goes."""
    assert str(url.read(text)) == written


@pytest.mark.parametrize(
    "text",
    ["", "::bad", "/path", "ftp://h/", "http:h", "http:///p", "http://h/%zz", "http://h/\x00", "http://a b/", "http://h:x/",
     "http://h:99999/", "http://u:p^@h/", "mailto:a@b", "http://[::1/"],
)  # fmt: skip
def test_what_is_no_address_of_a_server_is_an_error(text: str) -> None:
    """What no request can be made of is said before any is made."""
    with pytest.raises(ValueError, match=r"."):
        url.read(text)


def test_a_login_is_kept_apart_and_shown_nowhere() -> None:
    """`user:password@` is for the Authorization header alone: no text of the address has it."""
    address = url.read("http://us%40er:pass%3Aword@h:81/p?q=1")
    assert address.login == "us@er:pass:word"
    assert address.host == "h:81"
    assert "pass" not in f"{address} {address!r} {address.place}"


def test_an_error_tells_nothing_of_the_login() -> None:
    """An address with a password and a fault must not bring the password into the log."""
    with pytest.raises(ValueError, match="port") as caught:
        url.read("http://user:hunter2@h:99999/")
    assert "hunter2" not in str(caught.value)


def test_a_query_is_not_shown_where_logs_look() -> None:
    """Tokens travel in queries."""
    assert url.read("https://h/hook?token=abc").place == "https://h/hook"


@given(st.text())
def test_any_text_is_an_address_or_a_value_error(text: str) -> None:
    """Addresses come from events too: nothing else may be raised, and what was read stays what it is."""
    for prefix in ("", "http://", "http://h/"):
        try:
            address = url.read(prefix + text)
        except ValueError:
            continue
        assert url.read(str(address)) == url.Url(address.scheme, address.host, address.path, address.query)
        assert str(address).isprintable() or not str(address).isascii()
