"""Parameters in a document that is always the same: where each value goes is worked out once.

`Prepared.apply` finds the places anew in each document, as it must where values make room for each other. Where they do not,
which is nearly always, the text is cut at the places when the sensor starts, and an event costs a join.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from common.cloudevent import CloudEvent
from sensor.parameters import Applied, Entry, Note, Prepared, Value
from sensor.paths import Kind, PathError
from sensor.paths.strings import quote_if_needed

_PLAIN = frozenset({"", "overwrite"})


@dataclass(frozen=True, slots=True)
class Spliced:
    """A document cut at the places of its parameters: `order` says which entry stands behind which piece."""

    parameters: Prepared
    document: bytes
    pieces: tuple[bytes, ...] = ()
    order: tuple[int, ...] = ()

    @classmethod
    def of(cls, document: bytes, parameters: Prepared) -> "Spliced":
        """Cut the document; one whose places depend on the values stays whole."""
        marked = _marked(document, parameters.entries)
        if marked is None:
            return cls(parameters, document)
        marks = [_mark(document, number) for number in range(len(parameters.entries))]
        order = sorted(range(len(marks)), key=[marked.index(mark) for mark in marks].__getitem__)
        pieces = []
        for number in order:
            piece, _, marked = marked.partition(marks[number])
            pieces.append(piece)
        return cls(parameters, document, (*pieces, marked), tuple(order))

    def apply(self, events: Mapping[str, CloudEvent]) -> Applied:
        """Set the values. Raises `Rejected("parameter")` as `Prepared.apply` does."""
        if not self.pieces:
            return self.parameters.apply(self.document, events)
        notes: list[Note] = []
        values = [_written(entry, value) for entry, value in self.parameters.values(events, notes)]
        if len(values) < len(self.order):
            # An entry of a dependency that did not fire leaves its place as it is.
            return self.parameters.apply(self.document, events)
        text = [self.pieces[0]]
        for place, number in enumerate(self.order, start=1):
            text += (values[number], self.pieces[place])
        return Applied(b"".join(text), tuple(notes))


def _written(entry: Entry, value: Value) -> bytes:
    raw = entry.parameter.source.use_raw_data and value.kind is not Kind.STRING
    return value.content if raw else quote_if_needed(value.content)


def _marked(document: bytes, entries: tuple[Entry, ...]) -> bytes | None:
    """Put a mark at each place; None where the marks do not all stay, each once."""
    text = document
    for number, entry in enumerate(entries):
        target = entry.target
        if entry.parameter.operation not in _PLAIN or not target.parts or any(part.appends for part in target.parts):
            return None
        try:
            text = target.put_raw(text, _mark(document, number))
        except PathError:
            return None
    if any(text.count(_mark(document, number)) != 1 for number in range(len(entries))):
        return None
    return text


def _mark(document: bytes, number: int) -> bytes:
    """Make a JSON string that does not stand in the document."""
    salt = 0
    while (mark := b'"argosy-%d-%d"' % (number, salt)) in document:
        salt += 1
    return mark
