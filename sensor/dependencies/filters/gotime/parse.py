"""Read a time by a layout: fields and the text between them, front to back, as `time.ParseInLocation` does."""

import json
import re
from functools import lru_cache

from sensor.dependencies.filters.gotime.civil import DAY, Moment, days, days_in
from sensor.dependencies.filters.gotime.fields import READERS, Bad, OutOfRange, Parts
from sensor.dependencies.filters.gotime.zone import UTC, Zone

_FIELD = re.compile("|".join(re.escape(name) for name in sorted(READERS, key=len, reverse=True)))
_NOON = 12


class Unparsable(ValueError):
    """The text is no time of this layout; in Go's words."""


def parse(layout: str, text: str, zone: Zone = UTC) -> Moment:
    """Give the moment that a text stands for; without an offset it is local to `zone`. Raises `Unparsable`."""
    parts, rest = Parts(), text
    for literal, field in _split(layout):
        after = _skip(rest, literal)
        if after is None:
            raise _cannot(layout, text, _left(rest, literal), literal)
        rest = after
        try:
            rest = READERS[field](parts, rest) if field else rest
        except Bad as error:
            raise _cannot(layout, text, rest, field) from error
        except OutOfRange as error:
            raise Unparsable(f"parsing time {_quote(text)}: {error} out of range") from error
    if rest:
        raise Unparsable(f"parsing time {_quote(text)}: extra text: {_quote(rest)}")
    if not 1 <= parts.day <= days_in(parts.year, parts.month):
        raise Unparsable(f"parsing time {_quote(text)}: day out of range")
    return _moment(parts, zone)


@lru_cache(maxsize=64)
def _split(layout: str) -> tuple[tuple[str, str], ...]:
    """Cut a layout into (text before the field, field)."""
    found, position = [], 0
    for match in _FIELD.finditer(layout):
        found.append((layout[position : match.start()], match[0]))
        position = match.end()
    return (*found, (layout[position:], ""))


def _skip(text: str, literal: str) -> str | None:
    """Take the text between fields from the front; a blank stands for any number of blanks."""
    while literal:
        if literal[0] == " ":
            if text and text[0] != " ":
                return None
            literal, text = literal.lstrip(" "), text.lstrip(" ")
        elif text[:1] != literal[0]:
            return None
        else:
            literal, text = literal[1:], text[1:]
    return text


def _left(text: str, literal: str) -> str:
    """Give what stands where the text between fields breaks off."""
    for wanted in literal:
        if text[:1] != wanted:
            break
        text = text[1:]
    return text


def _moment(parts: Parts, zone: Zone) -> Moment:
    hour = parts.hour
    if parts.half == "PM" and hour < _NOON:
        hour += _NOON
    elif parts.half == "AM" and hour == _NOON:
        hour = 0
    seconds = days(parts.year, parts.month, parts.day) * DAY + hour * 3600 + parts.minute * 60 + parts.second
    seconds = zone.to_utc(seconds) if parts.offset is None else seconds - parts.offset
    return Moment(seconds, parts.nanoseconds)


def _cannot(layout: str, text: str, rest: str, field: str) -> Unparsable:
    return Unparsable(f"parsing time {_quote(text)} as {_quote(layout)}: cannot parse {_quote(rest)} as {_quote(field)}")


def _quote(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
