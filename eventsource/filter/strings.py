"""Builtins on strings, with the meaning of Go's package strings. Positions and lengths count bytes."""

from collections.abc import Callable

from common.sprig.values import encode
from common.sprig.values import strings as slice_of_strings
from eventsource.filter.budget import Frame
from eventsource.filter.errors import Fault
from eventsource.filter.values import Slice, Value, joined, text, to_int, type_name

_MOST_REPEATS = 1_000_000
_SPACE = "\t\n\v\f\r \x85\xa0\u1680" + "".join(map(chr, range(0x2000, 0x200B))) + "\u2028\u2029\u202f\u205f\u3000"


def _trim(frame: Frame, value: Value, characters: Value = _SPACE) -> str:
    frame.characters(len(text(value)))
    return text(value).strip(text(characters))


def _trim_prefix(frame: Frame, value: Value, prefix: Value = " ") -> str:
    frame.characters(len(text(value)))
    return text(value).removeprefix(text(prefix))


def _trim_suffix(frame: Frame, value: Value, suffix: Value = " ") -> str:
    frame.characters(len(text(value)))
    return text(value).removesuffix(text(suffix))


def _upper(frame: Frame, value: Value) -> str:
    frame.characters(len(text(value)))
    if value.isascii():
        return str(value.upper())
    frame.spend(len(value) // 5)
    return "".join([_one(letter, letter.upper()) for letter in value])


def _lower(frame: Frame, value: Value) -> str:
    frame.characters(len(text(value)))
    if value.isascii():
        return str(value.lower())
    frame.spend(len(value) // 5)
    return "".join(["i" if letter == "\u0130" else _one(letter, letter.lower()) for letter in value])


def _one(letter: str, changed: str) -> str:
    """Keep a letter that would become several: Go changes letter by letter."""
    return changed if len(changed) == 1 else letter


def _split(frame: Frame, value: Value, separator: Value, count: Value = -1) -> Slice:
    return _pieces(frame, text(value), text(separator), to_int(count), keep=False)


def _split_after(frame: Frame, value: Value, separator: Value, count: Value = -1) -> Slice:
    return _pieces(frame, text(value), text(separator), to_int(count), keep=True)


def _pieces(frame: Frame, value: str, separator: str, count: int, *, keep: bool) -> Slice:
    if count == 0:
        return slice_of_strings((), nil=True)
    frame.characters(len(value))
    if not separator:
        most = len(value) if count < 0 else min(count, len(value))
        frame.spend(most)
        return slice_of_strings([*value[: most - 1], value[most - 1 :]] if most else [])
    parts = value.split(separator, -1 if count < 0 else count - 1)
    frame.spend(len(parts))
    if keep:
        parts = [part + separator for part in parts[:-1]] + parts[-1:]
    return slice_of_strings(parts)


def _replace(frame: Frame, value: Value, old: Value, new: Value, count: Value = -1) -> str:
    limit = to_int(count)
    found = text(value).count(text(old))
    times = found if limit < 0 else min(found, limit)
    frame.characters(len(value) + times * max(len(text(new)) - len(old), 0))
    return joined(value.replace(old, new, max(limit, -1)))


def _repeat(frame: Frame, value: Value, count: Value) -> str:
    times = to_int(count)
    if times > _MOST_REPEATS:
        raise Fault("memory budget exceeded")
    if times < 0:
        raise Fault("strings: negative Repeat count")
    frame.characters(len(text(value)) * times)
    return joined(text(value) * times)


def _join(frame: Frame, items: Value, glue: Value = "") -> str:
    between = text(glue)
    if not isinstance(items, list) or type_name(items) not in ("[]string", "[]interface {}"):
        raise Fault(f"invalid argument for join (type {type_name(items)})")
    frame.spend(len(items))
    frame.characters(sum(len(text(item)) for item in items) + len(between) * len(items))
    return joined(between.join(items))


def _index_of(frame: Frame, value: Value, part: Value) -> int:
    return _position(frame, text(value), text(part), str.find)


def _last_index_of(frame: Frame, value: Value, part: Value) -> int:
    return _position(frame, text(value), text(part), str.rfind)


def _position(frame: Frame, value: str, part: str, find: Callable[[str, str], int]) -> int:
    frame.characters(len(value))
    index = find(value, part)
    return index if index < 0 or value.isascii() else len(encode(value[:index]))


def _has_prefix(_: Frame, value: Value, prefix: Value) -> bool:
    return text(value).startswith(text(prefix))


def _has_suffix(_: Frame, value: Value, suffix: Value) -> bool:
    return text(value).endswith(text(suffix))


CALLS: dict[str, Callable[..., Value]] = {
    "trim": _trim,
    "trimPrefix": _trim_prefix,
    "trimSuffix": _trim_suffix,
    "upper": _upper,
    "lower": _lower,
    "split": _split,
    "splitAfter": _split_after,
    "replace": _replace,
    "repeat": _repeat,
    "join": _join,
    "indexOf": _index_of,
    "lastIndexOf": _last_index_of,
    "hasPrefix": _has_prefix,
    "hasSuffix": _has_suffix,
}
