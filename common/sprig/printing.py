"""Values as Go's `fmt` prints them: lists, maps and what is in them, and what is said where a verb does not fit."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from common.sprig.values import ANY, MAX_TEXT, MAX_VALUES, SprigError, encode, is_nil, type_of
from common.sprig.verbs import PLAIN, Spec, scalar

_DEEPEST = 100


class Printer:
    """Collects what is printed, and stops where it gets too much. `methods`: let values print themselves."""

    def __init__(self, room: int = MAX_TEXT) -> None:
        self._parts: list[str] = []
        self._room = room
        self._values = MAX_VALUES
        self.methods = True

    def write(self, text: str) -> None:
        """Add a text."""
        self._room -= len(text)
        if self._room < 0:
            raise SprigError("the text gets too long")
        self._parts.append(text)

    @property
    def text(self) -> str:
        """What was printed."""
        return "".join(self._parts)

    def value(self, value: Any, spec: Spec = PLAIN, depth: int = 0) -> None:  # noqa: ANN401 - any Go value
        """Print a value."""
        self._values -= 1
        if depth > _DEEPEST or self._values < 0:
            raise SprigError("the value is nested too deeply" if depth > _DEEPEST else "the value is too large to print")
        if value is None:
            self._nothing(spec, depth)
        elif spec.verb == "T" and not depth:
            self.write(scalar(type_of(value), replace(spec, verb="s")) or "")
        elif isinstance(value, list | dict):
            self._collection(value, spec, depth)
        else:
            text = scalar(value, spec, methods=self.methods)
            if text is None:
                self.bad_verb(value, spec)
            else:
                self.write(text)

    def bad_verb(self, value: Any, spec: Spec) -> None:  # noqa: ANN401 - any Go value
        """Say that the verb does not fit the value."""
        self.write(f"%!{spec.verb}({type_of(value)}=")
        methods, self.methods = self.methods, False
        self.value(value, replace(spec, verb="v"))
        self.methods = methods
        self.write(")")

    def _nothing(self, spec: Spec, depth: int) -> None:
        if depth:
            self.write(f"{ANY}(nil)" if spec.sharp_v else "<nil>")
        elif spec.verb in "Tv":
            self.write(spec.pad("<nil>"))
        else:
            self.write(f"%!{spec.verb}(<nil>)")

    def _collection(self, value: list[Any] | dict[str, Any], spec: Spec, depth: int) -> None:
        name = type_of(value)
        if spec.verb in "pw":
            self.bad_verb(value, spec)
        elif spec.sharp_v and is_nil(value):
            self.write(f"{name}(nil)")
        else:
            opening, between, closing = (f"{name}{{", ", ", "}") if spec.sharp_v else ("[", " ", "]")
            self.write(opening if spec.sharp_v or isinstance(value, list) else "map[")
            for number, (key, item) in enumerate(_items(value)):
                self.write(between if number else "")
                if key is not None:
                    self.value(key, spec, depth + 1)
                    self.write(":")
                self.value(item, spec, depth + 1)
            self.write(closing)


def _items(value: list[Any] | dict[str, Any]) -> Iterator[tuple[str | None, Any]]:
    if isinstance(value, dict):
        yield from ((key, value[key]) for key in sorted_keys(value))
    else:
        yield from ((None, item) for item in value)


def sorted_keys(value: dict[str, Any]) -> list[str]:
    """Give the keys in the order of their bytes."""
    return sorted(value, key=encode)


def sprint(values: list[Any]) -> str:
    """Print values with a space between two that are no texts: `fmt.Sprint`."""
    printer, before = Printer(), True
    for value in values:
        is_text = isinstance(value, str)
        if not is_text and not before:
            printer.write(" ")
        printer.value(value)
        before = is_text
    return printer.text


def sprintln(values: list[Any]) -> str:
    """Print values with spaces between them, and a line feed: `fmt.Sprintln`."""
    printer = Printer()
    for number, value in enumerate(values):
        printer.write(" " if number else "")
        printer.value(value)
    printer.write("\n")
    return printer.text


def show(value: Any) -> str:  # noqa: ANN401 - any Go value
    """Print one value as `%v`."""
    if isinstance(value, str):
        return value
    printer = Printer()
    printer.value(value)
    return printer.text
