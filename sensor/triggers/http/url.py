"""Addresses as Go's net/url reads them and its net/http writes them into a request.

Source: https://pkg.go.dev/net/url and src/net/url/url.go of Go 1.26 (Parse, EscapedPath, RequestURI).
"""

import re
from dataclasses import dataclass, field
from urllib.parse import quote, unquote, unquote_to_bytes, urljoin

_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):")
_HOST = re.compile(r"(?P<name>\[[0-9A-Fa-f:.%]+\]|[A-Za-z0-9\-._~!$&'()*+,;=\u0080-\U0010ffff]+)(?::(?P<port>[0-9]*))?")
_BAD_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})")
_VALID_PATH = re.compile(r"[A-Za-z0-9\-_.~$&+,/:;=@!'()*\[\]%]*")
"""A path of these characters goes out as it was written; any other is escaped anew as a whole."""
_KEPT = "/-_.~$&+,:;=@"
_USER = re.compile(r"[A-Za-z0-9\-._:~!$&'()*+,;=%@]*")
_MOST_PORTS = 65_535


@dataclass(frozen=True, slots=True)
class Url:
    """One address of a server. `host` may carry a port; `login` is `user:password`. As a text it has no login.

    An empty `query` is not none: `/p?` is not `/p`.
    """

    scheme: str
    host: str
    path: str
    query: str | None = None
    login: str | None = field(default=None, repr=False)

    def __str__(self) -> str:
        return f"{self.origin}{self.target}"

    @property
    def place(self) -> str:
        """What errors and logs may show: no login, and no query, in which tokens travel."""
        return f"{self.origin}{self.path}"

    @property
    def target(self) -> str:
        """What stands in the first line of a request."""
        return self.path if self.query is None else f"{self.path}?{self.query}"

    @property
    def origin(self) -> str:
        """The server: scheme and host."""
        return f"{self.scheme}://{self.host}"

    @property
    def hostname(self) -> str:
        """The host without its port and brackets, in lower case."""
        match = _HOST.fullmatch(self.host)
        return (match["name"] if match else self.host).strip("[]").lower()

    def join(self, reference: str) -> "Url":
        """Read an address relative to this one. Raises `ValueError`."""
        return read(urljoin(str(self), reference))


def read(text: str) -> Url:
    """Read an address. Raises `ValueError`; its text tells nothing of a login."""
    if _CONTROL.search(text):
        raise ValueError("a control character is in the address")
    text, _, fragment = text.partition("#")
    scheme = _SCHEME.match(text)
    if scheme is None:
        raise ValueError("the address has no scheme: http:// or https:// is wanted")
    if scheme[1].lower() not in {"http", "https"}:
        raise ValueError(f"{scheme[1]}:// is neither http:// nor https://")
    rest, mark, query = text[scheme.end() :].partition("?")
    if not rest.startswith("//"):
        raise ValueError("the address has no host")
    authority, slash, path = rest[2:].partition("/")
    if _BAD_ESCAPE.search(path) or _BAD_ESCAPE.search(fragment):
        raise ValueError("a percent sign in the address is not followed by two hexadecimal digits")
    login, at, host = authority.rpartition("@")
    return Url(
        scheme=scheme[1].lower(),
        host=read_host(host),
        path=_path(slash + path),
        # A blank would end the address on the wire; Go sends it, and servers refuse it.
        query=query.replace(" ", "%20") if mark else None,
        login=_login(login) if at else None,
    )


def read_host(text: str) -> str:
    """Read a host with or without a port; one that is not ASCII is written as DNS has it. Raises `ValueError`."""
    match = _HOST.fullmatch(text)
    if match is None:
        raise ValueError("the address has no host" if not text else "the host of the address is none")
    if int(match["port"] or 0) > _MOST_PORTS:
        raise ValueError("the port of the address is none")
    name = match["name"]
    if not name.isascii():
        try:
            name = name.encode("idna").decode("ascii")
        except UnicodeError:
            raise ValueError("the host of the address is none") from None
        return read_host(f"{name}:{match['port']}" if match["port"] else name)
    return f"{name}:{match['port']}" if match["port"] else name


def _path(text: str) -> str:
    if _VALID_PATH.fullmatch(text):
        return text or "/"
    return quote(unquote_to_bytes(text), safe=_KEPT)


def _login(text: str) -> str:
    if not _USER.fullmatch(text) or _BAD_ESCAPE.search(text):
        raise ValueError("the login in the address cannot be read")
    user, _, password = text.partition(":")
    return f"{unquote(user)}:{unquote(password)}"
