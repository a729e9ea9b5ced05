"""Layouts of dates as Go writes them: `Mon Jan _2 15:04:05 2006`, a moment told in the words of the reference time."""

import re
from collections.abc import Callable, Iterator

from common.sprig.moments import MONTHS, WEEKDAYS, Moment

_CHUNK = re.compile(
    r"January|Jan(?![a-z])|Monday|Mon(?![a-z])|MST|0[1-6]|002|15|1|2006|2|_2(?!006)|__2|3|4|5|PM|pm"
    r"|-070000|-07:00:00|-0700|-07:00|-07|Z070000|Z07:00:00|Z0700|Z07:00|Z07|[.,](?:0+|9+)(?![0-9])"
)
_NOON = 12


def chunks(layout: str) -> Iterator[tuple[str, str]]:
    """Cut a layout into pairs of a literal and the element behind it; the last element is empty."""
    at = 0
    for match in _CHUNK.finditer(layout):
        yield layout[at : match.start()], match[0]
        at = match.end()
    yield layout[at:], ""


def format_moment(moment: Moment, layout: str) -> str:
    """Write a moment by a layout."""
    made = []
    for literal, element in chunks(layout):
        made.append(literal)
        if element in _SIMPLE:
            made.append(_SIMPLE[element](moment))
        elif element[:1] in {".", ","}:
            made.append(_fraction(moment, element))
        elif element:
            made.append(_offset(moment, element))
    return "".join(made)


def integer(number: int, width: int) -> str:
    """Write a number with leading zeros; the sign does not count."""
    return ("-" if number < 0 else "") + str(abs(number)).rjust(width, "0")


def _hour(moment: Moment) -> int:
    return moment.clock[0] % _NOON or _NOON


_SIMPLE: dict[str, Callable[[Moment], str]] = {
    "January": lambda at: MONTHS[at.date[1] - 1],
    "Jan": lambda at: MONTHS[at.date[1] - 1][:3],
    "1": lambda at: str(at.date[1]),
    "01": lambda at: integer(at.date[1], 2),
    "Monday": lambda at: WEEKDAYS[at.weekday],
    "Mon": lambda at: WEEKDAYS[at.weekday][:3],
    "2": lambda at: str(at.date[2]),
    "_2": lambda at: str(at.date[2]).rjust(2),
    "02": lambda at: integer(at.date[2], 2),
    "__2": lambda at: str(at.yearday).rjust(3),
    "002": lambda at: integer(at.yearday, 3),
    "15": lambda at: integer(at.clock[0], 2),
    "3": lambda at: str(_hour(at)),
    "03": lambda at: integer(_hour(at), 2),
    "4": lambda at: str(at.clock[1]),
    "04": lambda at: integer(at.clock[1], 2),
    "5": lambda at: str(at.clock[2]),
    "05": lambda at: integer(at.clock[2], 2),
    "2006": lambda at: integer(at.date[0], 4),
    "06": lambda at: integer(abs(at.date[0]) % 100, 2),
    "PM": lambda at: "PM" if at.clock[0] >= _NOON else "AM",
    "pm": lambda at: "pm" if at.clock[0] >= _NOON else "am",
    "MST": lambda at: at.zone.at(at.seconds)[0] or _offset(at, "-0700"),
}


def _offset(moment: Moment, element: str) -> str:
    offset = moment.zone.at(moment.seconds)[1]
    if element.startswith("Z") and not offset:
        return "Z"
    # Go looks at the sign after it has cut the seconds off.
    minutes = abs(offset) // 60
    parts = [integer(minutes // 60, 2), integer(minutes % 60, 2), integer(abs(offset) % 60, 2)]
    between = ":" if ":" in element else ""
    count = len(element.replace(":", "")) // 2
    return ("-" if offset < 0 and minutes else "+") + between.join(parts[:count])


def _fraction(moment: Moment, element: str) -> str:
    digits = integer(moment.nanoseconds, 9)[: len(element) - 1].ljust(len(element) - 1, "0")
    if element[1] == "9":
        digits = digits[:9].rstrip("0")
        return element[0] + digits if digits else ""
    return element[0] + digits[:9]
