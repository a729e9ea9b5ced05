"""`data`: values of the event compared with values of the document: as text by a regular expression, as number, as truth.

Any of an entry's values suffices. With `!=` and two different values that means nearly always (fault F29, kept).
"""

import operator
import re
from collections.abc import Callable
from dataclasses import dataclass

from common.jsontext import quote
from sensor.dependencies.filters import goparse, regex
from sensor.dependencies.filters.model import DataFilter, FilterError, Rejected, Render, brief
from sensor.paths import Kind, Path, Result, compile_path, get

_NO_RESULT = frozenset({"", "<no value>"})
_NUMBERS: dict[str, Callable[[float, float], bool]] = {
    "": operator.eq,
    "=": operator.eq,
    "!=": operator.ne,
    ">": operator.gt,
    ">=": operator.ge,
    "<": operator.lt,
    "<=": operator.le,
}
_EQUAL = frozenset({"", "="})
_FIRST_PLANE = 0xFFFF
# Go writes these with escapes that JSON does not know; there the text ends. Beyond the first plane Go escapes only what
# cannot be printed.
_UNREADABLE = re.compile("[\x00-\x07\x0b\x0e-\x1f\x7f]")

Test = Callable[[Result], bool]


@dataclass(frozen=True, slots=True)
class Prepared:
    """An entry made ready. `tests` hold one test for each value, or the error that this value gives."""

    given: DataFilter
    path: Path
    tests: tuple[Test | str, ...]
    render: Render

    @classmethod
    def of(cls, given: DataFilter, render: Render) -> "Prepared":
        """Compile one entry. What cannot be compiled is an error with each event that gets there, as in Go."""
        return cls(given, compile_path(given.path), tuple(_test(given, value) for value in given.value), render)

    @property
    def faults(self) -> tuple[str, ...]:
        """What is an error with each event that gets there."""
        if not self.given.value:
            return ("no values specified",)
        return tuple(test for test in self.tests if isinstance(test, str))


def judge(entry: Prepared, data: bytes) -> Rejected | None:
    """Judge the data by one entry. Raises `FilterError`."""
    found = get(data, entry.path)
    if not found.exists:
        raise FilterError(f"path '{entry.given.path}' does not exist")
    if not entry.tests:
        raise FilterError("no values specified")
    if entry.given.template:
        found = _rendered(entry, found)
    for test in entry.tests:
        if isinstance(test, str):
            raise FilterError(test)
        if test(found):
            return None
    wanted = " or ".join(brief(value) for value in entry.given.value)
    why = f"wanted is a {entry.given.type} {entry.given.comparator or '='} {wanted}"
    return Rejected("data", entry.given.path, brief(found.text), why)


def _rendered(entry: Prepared, found: Result) -> Result:
    try:
        text = entry.render(entry.given.template, quote(found.text))
    except ValueError as error:
        raise FilterError(str(error)) from error
    if text in _NO_RESULT:
        raise FilterError(f"template '{entry.given.template}' evaluated to empty string or no value")
    return Result(Kind.STRING, quote(_requoted(text)))


def _requoted(text: str) -> str:
    """Cut a text where Go, which quotes it in its own way and reads it as JSON, loses the rest."""
    end = _UNREADABLE.search(text)
    text = text[: end.start()] if end else text
    return next((text[:at] for at, c in enumerate(text) if ord(c) > _FIRST_PLANE and not c.isprintable()), text)


def _test(given: DataFilter, value: str) -> Test | str:
    if given.type == "string":
        return _string_test(given.comparator, value)
    if given.type == "number":
        return _number_test(given.comparator, value)
    if given.type == "bool":
        return _bool_test(value)
    return f"unsupported JSON type '{given.type}'"


def _string_test(comparator: str, value: str) -> Test | str:
    try:
        pattern = regex.compile_pattern(value)
    except regex.BadPattern as error:
        return str(error)
    if comparator in _EQUAL:
        return lambda found: pattern.found_in(found.text)
    if comparator == "!=":
        return lambda found: not pattern.found_in(found.text)
    return _never


def _number_test(comparator: str, value: str) -> Test | str:
    try:
        wanted = goparse.parse_float(value)
    except ValueError as error:
        return str(error)
    compare = _NUMBERS.get(comparator)
    return _never if compare is None else lambda found: compare(found.float, wanted)


def _bool_test(value: str) -> Test | str:
    try:
        wanted = goparse.parse_bool(value)
    except ValueError as error:
        return str(error)
    return lambda found: found.bool is wanted


def _never(_found: Result) -> bool:
    return False
