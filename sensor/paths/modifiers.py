"""Modifiers: functions from a document and an argument to another document."""

from collections.abc import Callable, Iterator

from common import jsontext
from sensor.paths import pretty, scan, strings
from sensor.paths.path import Path, compile_path
from sensor.paths.result import Result, parse

Getter = Callable[[bytes, Path], Result]
Change = Callable[[bytes, bytes], bytes]

_BLANK = bytes(range(0x21))


def valid(text: bytes) -> bool:
    """Say whether the text is JSON; as in Go, strings may hold bytes that are not UTF-8."""
    return jsontext.is_valid(text) or jsontext.is_valid(text.decode("utf-8", "replace").encode())


def apply(name: str, text: bytes, argument: bytes, get: Getter) -> bytes:
    """Run one modifier. It gives the very same object where it changes nothing."""
    return _dig(text, argument, get) if name == "dig" else _CHANGES[name](text, argument)


def _members(value: Result) -> Iterator[tuple[bytes, bytes]]:
    """Give key and value of each member of an object, as they stand there."""
    for (key, key_end), (start, end) in scan.members(scan.mask(value.raw), 1):
        yield value.raw[key:key_end], value.raw[start:end]


def _values(value: Result) -> list[bytes]:
    """Give the elements of an array, the values of an object, or the value itself."""
    if value.is_object:
        return [member for _, member in _members(value)]
    if value.is_array:
        return [value.raw[start:end] for start, end in scan.elements(scan.mask(value.raw), 1)]
    return [value.raw] if value.exists else []


def _options(argument: bytes) -> dict[bytes, Result]:
    options = parse(argument)
    return {parse(key).content: parse(value) for key, value in _members(options)} if options.is_object else {}


def _is_set(argument: bytes, name: bytes) -> bool:
    option = _options(argument).get(name)
    return option is not None and option.bool


def _list(raws: list[bytes]) -> bytes:
    return b"[" + b",".join(raws) + b"]"


def _unwrap(text: bytes) -> bytes:
    text = text.strip(_BLANK)
    return text[1:-1] if len(text) > 1 and text[:1] in {b"[", b"{"} else text


def _pretty(text: bytes, argument: bytes) -> bytes:
    options = _options(argument)
    style = pretty.Style(
        sort_keys=b"sortKeys" in options and options[b"sortKeys"].bool,
        indent=_only_blanks(options[b"indent"].content) if b"indent" in options else b"  ",
        prefix=_only_blanks(options[b"prefix"].content) if b"prefix" in options else b"",
        width=int(options[b"width"].float) if b"width" in options else 80,
    )
    return pretty.write(text, style)


def _only_blanks(text: bytes) -> bytes:
    return bytes(byte for byte in text if byte in b" \t\r\n")


def _reverse(text: bytes, _: bytes) -> bytes:
    value = parse(text)
    if value.is_array:
        return _list(_values(value)[::-1])
    if value.is_object:
        return b"{" + b",".join(key + b":" + member for key, member in reversed(list(_members(value)))) + b"}"
    return text


def _flatten(text: bytes, argument: bytes) -> bytes:
    value = parse(text)
    if not value.is_array:
        return text
    deep = _is_set(argument, b"deep")
    parts = []
    for element in _values(value):
        if element.startswith(b"["):
            parts.append(_unwrap(_flatten(element, argument) if deep else element).strip())
        else:
            parts.append(element)
    return _list([part for part in parts if part])


def _join(text: bytes, argument: bytes) -> bytes:
    value = parse(text)
    if not value.is_array:
        return text
    objects = [parse(element) for element in _values(value) if element.startswith(b"{")]
    if _is_set(argument, b"preserve"):
        return b"{" + b",".join(_unwrap(each.raw) for each in objects) + b"}"
    joined: dict[bytes, tuple[bytes, bytes]] = {}
    for each in objects:
        for key, member in _members(each):
            name = parse(key).content
            joined[name] = (joined.get(name, (key,))[0], member)
    return b"{" + b",".join(key + b":" + member for key, member in joined.values()) + b"}"


def _keys(text: bytes, _: bytes) -> bytes:
    value = parse(text)
    return _list([key for key, _ in _members(value)] if value.is_object else [b"null"] * len(_values(value)))


def _all_values(text: bytes, _: bytes) -> bytes:
    value = parse(text)
    return text if value.is_array else _list(_values(value))


def _from_text(text: bytes, _: bytes) -> bytes:
    return parse(text).content if valid(text) else b""


def _group(text: bytes, _: bytes) -> bytes:
    """Turn an object of arrays into an array of objects."""
    value = parse(text)
    if not value.is_object:
        return b""
    rows: list[list[bytes]] = []
    for key, member in _members(value):
        for number, element in enumerate(_values(parse(member)) if member.startswith(b"[") else []):
            if number == len(rows):
                rows.append([])
            rows[number].append(key + b":" + element)
    return _list([b"{" + b",".join(row) + b"}" for row in rows])


def _dig(text: bytes, argument: bytes, get: Getter) -> bytes:
    """Look for the path in the document and in everything inside it, outermost first."""
    path, found, waiting = compile_path(argument), [], [parse(text)]
    while waiting:
        value = waiting.pop()
        result = get(value.raw, path)
        if result.exists:
            found.append(result.raw)
        if value.is_array or value.is_object:
            waiting.extend(parse(each) for each in reversed(_values(value)))
    return _list(found)


_CHANGES: dict[str, Change] = {
    "pretty": _pretty,
    # A copy, so that nothing counts as found in the document itself, even if there was no blank to take out.
    "ugly": lambda text, _: bytes(bytearray(pretty.compact(text))),
    "reverse": _reverse,
    "this": lambda text, _: text,
    "flatten": _flatten,
    "join": _join,
    "valid": lambda text, _: text if valid(text) else b"",
    "keys": _keys,
    "values": _all_values,
    "tostr": lambda text, _: strings.quote(text),
    "fromstr": _from_text,
    "group": _group,
}
