"""JSON strings as Go reads and writes them, on bytes: what is not UTF-8 goes through unharmed where Go lets it."""

import re

import orjson

from common import jsontext

_ESCAPE = re.compile(rb"\\(?:u([dD][89a-fA-F]..)(?:\\u(....))?|u(....)|(.))", re.DOTALL)
_READABLE = re.compile(rb"(?:[^\\\x00-\x1f]++|\\(?:[\"\\/bfnrt]|u[0-9a-fA-F]{4}))*+")
_SIMPLE = {b"b": b"\b", b"f": b"\f", b"n": b"\n", b"r": b"\r", b"t": b"\t"}
_NOT_UTF8 = re.compile("[\udc80-\udcff]")
_REPLACEMENT = "\ufffd".encode()
_HIGH, _LOW, _AFTER = 0xD800, 0xDC00, 0xE000


def unescape(inner: bytes) -> bytes:
    """Decode what stands between the quotes of a JSON string; what follows a bad escape is dropped."""
    if b"\\" not in inner:
        return inner
    try:
        text: str = orjson.loads(b'"' + inner + b'"')
    except orjson.JSONDecodeError:
        # Halves of surrogate pairs and bytes that are not UTF-8, which Go takes.
        readable = _READABLE.match(inner)
        return _ESCAPE.sub(_decode, readable[0] if readable else b"")
    return text.encode()


def _decode(escape: re.Match[bytes]) -> bytes:
    if escape[4] is not None:
        return _SIMPLE.get(escape[4], escape[4])
    if escape[3] is not None:
        return chr(int(escape[3], 16)).encode()
    first, second = int(escape[1], 16), int(escape[2] or b"0", 16)
    if first < _LOW <= second < _AFTER:
        return chr(0x10000 + ((first - _HIGH) << 10) + (second - _LOW)).encode()
    # Go takes the second escape along without looking, whatever it was.
    return _REPLACEMENT


def encode(text: str) -> bytes:
    """Give a text as UTF-8. Halves of surrogate pairs become U+FFFD, as where Go reads a document."""
    try:
        return text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace").encode()


def quote(content: bytes) -> bytes:
    r"""Write a JSON string as Go's encoding/json does; a byte that is not UTF-8 becomes `\ufffd`."""
    try:
        return jsontext.quote(content.decode())
    except UnicodeDecodeError:
        pieces = _NOT_UTF8.split(content.decode("utf-8", "surrogateescape"))
        return b'"' + rb"\ufffd".join(jsontext.quote(piece)[1:-1] for piece in pieces) + b'"'


def quote_if_needed(content: bytes) -> bytes:
    """Write a JSON string as sjson does: escaped as Go does, or left alone if nothing in plain ASCII asks for it."""
    if not content.isascii():
        return quote(content)
    quoted = orjson.dumps(content.decode("ascii"))
    return quoted if len(quoted) == len(content) + 2 else jsontext.escape(quoted)
