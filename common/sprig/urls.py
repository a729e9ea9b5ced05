"""URLs taken apart and put together, as `net/url` does it."""

import ipaddress
import re
from collections.abc import Callable
from typing import Any
from urllib.parse import quote as percent

from common.sprig.values import SprigError, decode, encode, kind_of

_SAFE = "-_.~"
PATH, USER, FRAGMENT, HOST = "$&+,/:;=@" + _SAFE, "$&+,;=" + _SAFE, "$&+,/:;=?@!()*" + _SAFE, "!$&'()*+,;=:[]<>\"" + _SAFE
_SCHEME = re.compile(r"([a-zA-Z][a-zA-Z0-9+.-]*):(.*)", re.DOTALL)
_ESCAPE = re.compile(rb"%([0-9a-fA-F]{2})?")
_USER = re.compile(r"[A-Za-z0-9\-._:~!$&'()*+,;=%@]*")
_PORT = re.compile(r"(?::[0-9]*)?")
_HOST = re.compile(rf"(?:[A-Za-z0-9%{re.escape(HOST)}]|[^\x00-\x7f])*")
_HIGH = 0x80


def escape(text: str, safe: str) -> str:
    """Write all but letters, digits and these characters as `%XX`."""
    return percent(encode(text), safe=safe)


def unescape(text: str, *, host: bool = False) -> str:
    """Read `%XX`. Raises `SprigError` for what is none."""

    def replace(match: re.Match[bytes]) -> bytes:
        if match[1] is None or (host and int(match[1], 16) < _HIGH and match[1] != b"25"):
            raise SprigError(f'invalid URL escape "{decode(match[0])}"')
        return bytes([int(match[1], 16)])

    if host and not _HOST.fullmatch(text):
        raise SprigError("invalid character in host name")
    return decode(_ESCAPE.sub(replace, encode(text))) if "%" in text else text


def url_parse(text: str) -> dict[str, Any]:
    """Take a URL apart."""
    try:
        return _parse(text)
    except SprigError as error:
        raise SprigError(f'unable to parse url: parse "{text}": {error}') from error


def _parse(text: str) -> dict[str, Any]:
    text, _, fragment = text.partition("#")
    if any(letter < " " or letter == "\x7f" for letter in text):
        raise SprigError("net/url: invalid control character in URL")
    if text.startswith(":"):
        raise SprigError("missing protocol scheme")
    match = _SCHEME.fullmatch(text)
    scheme, rest = (match[1].lower(), match[2]) if match else ("", text)
    rest, _, query = rest.partition("?")
    made = {"scheme": scheme, "query": query, "fragment": unescape(fragment)}
    made |= {"host": "", "hostname": "", "path": "", "opaque": "", "userinfo": ""}
    if not rest.startswith("/"):
        if scheme:
            return made | {"opaque": rest}
        if ":" in rest.partition("/")[0]:
            raise SprigError("first path segment in URL cannot contain colon")
    if rest.startswith("//") and (scheme or not rest.startswith("///")):
        authority, slash, path = rest[2:].partition("/")
        rest = slash + path
        made |= _authority(scheme, authority)
    return made | {"path": unescape(rest)}


def _authority(scheme: str, text: str) -> dict[str, str]:
    user, at, host = text.rpartition("@")
    host = _host(scheme, host)
    name = host[: host.rfind(":")] if ":" in host and _PORT.fullmatch(host[host.rfind(":") :]) else host
    name = name[1:-1] if name.startswith("[") and name.endswith("]") else name
    return {"host": host, "hostname": name, "userinfo": userinfo(user) if at else ""}


def userinfo(text: str) -> str:
    """Write name and password anew."""
    if not _USER.fullmatch(text):
        raise SprigError("net/url: invalid userinfo")
    return ":".join(escape(unescape(part), USER) for part in text.split(":", 1))


def _host(scheme: str, host: str) -> str:
    if host.startswith("["):
        end = host.rfind("]")
        if end < 0:
            raise SprigError("missing ']' in host")
        _check_port(host[end + 1 :])
        name = unescape(host[1:end], host="%25" not in host)
        try:
            ipaddress.IPv6Address(name)
        except ValueError as error:
            raise SprigError(f"invalid host: {error}") from error
        return f"[{name}]{host[end + 1 :]}"
    if "[" in host:
        raise SprigError("invalid IP-literal")
    if ":" in host:
        _check_port(host[host.find(":") if scheme in {"http", "https"} else host.rfind(":") :])
    return unescape(host, host=True)


def _check_port(text: str) -> None:
    if not _PORT.fullmatch(text):
        raise SprigError(f'invalid port "{text}" after host')


def url_join(parts: dict[str, Any]) -> str:
    """Put a URL together of what `urlParse` gives."""
    scheme, host, path, query, opaque, fragment, user = (
        _part(parts, name) for name in ("scheme", "host", "path", "query", "opaque", "fragment", "userinfo")
    )
    made, login = f"{scheme}:" if scheme else "", _login(user)
    if opaque:
        made += opaque
    else:
        if (scheme or host or login is not None) and (host or path or login is not None):
            made += "//"
        made += "" if login is None else f"{login}@"
        made += escape(host, HOST)
        path = path if path == "*" else escape(path, PATH)
        if path and not path.startswith("/") and host:
            made += "/"
        if not made and ":" in path.partition("/")[0]:
            made += "./"
        made += path
    return made + (f"?{query}" if query else "") + (f"#{escape(fragment, FRAGMENT)}" if fragment else "")


def _login(user: str) -> str | None:
    if not user:
        return None
    try:
        parsed = _parse(f"proto://{user}@host")
    except SprigError as error:
        raise SprigError(f"unable to parse userinfo in dict: {error}") from error
    return str(parsed["userinfo"]) if parsed["host"] == "host" else None


def _part(parts: dict[str, Any], name: str) -> str:
    value = parts.get(name, "")
    if not isinstance(value, str):
        raise SprigError(f"unable to parse {name} key, must be of type string, but {kind_of(value)} found")
    return value


FUNCTIONS: dict[str, Callable[..., Any]] = {"urlJoin": url_join, "urlParse": url_parse}
