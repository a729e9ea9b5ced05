"""Set the values of parameters in a document, or build a payload of them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from common.cloudevent import CloudEvent
from sensor import templates
from sensor.parameters.model import Applied, Note, Parameter, Payload, Render, Value
from sensor.parameters.resolve import Documents, Entry, resolve
from sensor.paths import Kind, PathError, compile_path, get

_OPERATIONS = frozenset({"", "overwrite", "append", "prepend"})
_KIND = compile_path("kind")


def prepare(parameters: Sequence[Parameter], *, place: str = "parameters", render: Render = templates.render) -> "Prepared":
    """Work out once what does not depend on events. `place` names the list in errors: `parameters[0]: …`.

    A template that cannot be read is no error here: the key or the default stands in for it, and a note says why.
    """
    entries = tuple(Entry.of(f"{place}[{number}]", parameter) for number, parameter in enumerate(parameters))
    return Prepared(entries, render)


@dataclass(frozen=True, slots=True)
class Prepared:
    """A list of parameters, ready for any number of events. `events` is by the name of the dependency."""

    entries: tuple[Entry, ...]
    render: Render = templates.render

    def values(self, events: Mapping[str, CloudEvent], notes: list[Note]) -> Iterator[tuple[Entry, Value]]:
        """Resolve the entries in order; those of dependencies that did not fire and have no default are left out."""
        documents = Documents(events)
        for entry in self.entries:
            value = resolve(entry, documents, self.render, notes)
            if value is not None:
                yield entry, value

    def apply(self, document: bytes, events: Mapping[str, CloudEvent]) -> Applied:
        """Set the values in a JSON document. Raises `Rejected("parameter")`, naming the entry, at the first failure."""
        notes: list[Note] = []
        for entry, value in self.values(events, notes):
            document = _put(document, entry, _combined(document, entry, value))
        return Applied(document, tuple(notes))

    def apply_to_object(self, document: bytes, events: Mapping[str, CloudEvent]) -> Applied:
        """Do as `apply`, for a Kubernetes object: what comes out must still have a kind."""
        applied = self.apply(document, events)
        kind = get(applied.document, _KIND)
        if self.entries and (kind.kind is not Kind.STRING or not kind.content):
            raise self.entries[-1].rejected("with the parameters set, the object has no kind")
        return applied

    def payload(self, events: Mapping[str, CloudEvent]) -> Payload:
        """Build a payload from nothing; an entry with an empty `dest` is the whole of it. Raises as `apply` does."""
        notes: list[Note] = []
        body = b""
        for entry, value in self.values(events, notes):
            if not entry.parameter.dest:
                return Payload(value.content, tuple(notes))
            body = _put(body, entry, value)
        return Payload(body or None, tuple(notes))


def _combined(document: bytes, entry: Entry, value: Value) -> Value:
    """Join the value with what stands at its place already, where the entry wants that; the result is a string."""
    operation = entry.parameter.operation
    if operation not in _OPERATIONS:
        raise entry.rejected(f"operation {operation!r} is none of overwrite, append and prepend")
    if operation not in {"append", "prepend"}:
        return value
    current = get(document, entry.target.path)
    if not current.exists:
        return value
    old, new = current.content, value.content
    return Value(old + new if operation == "append" else new + old, Kind.STRING)


def _put(document: bytes, entry: Entry, value: Value) -> bytes:
    try:
        if entry.parameter.source.use_raw_data and value.kind is not Kind.STRING:
            return entry.target.put_raw(document, value.content)
        return entry.target.put(document, value.content)
    except PathError as error:
        raise entry.rejected(f"dest {entry.parameter.dest!r}: {error}") from error
