"""Find the value of one parameter in the events that fired the trigger.

The order is that of Argo Events: template, key, default. Each step taken because the one before failed leaves a note.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from common.cloudevent import CloudEvent, context_json, whole_json
from common.errors import Rejected
from sensor.parameters.model import Note, Parameter, Render, Source, Value
from sensor.parameters.yamltext import YamlError, yaml_to_json
from sensor.paths import Kind, Path, Target, compile_path, compile_target, get, valid
from sensor.templates import TemplateError

_NO_RESULT = frozenset({"", "<no value>"})


class Unreadable(ValueError):
    """The payload of an event is not JSON and cannot be turned into it."""


class Documents:
    """The events as the JSON documents that keys and templates look into, each made at most once."""

    def __init__(self, events: Mapping[str, CloudEvent]) -> None:
        self.events = events
        self._data: dict[str, bytes] = {}

    def context(self, name: str) -> bytes:
        """Give the context of an event."""
        return context_json(self.events[name])

    def data(self, name: str) -> bytes:
        """Give the payload of an event. Raises `Unreadable`."""
        if name not in self._data:
            self._data[name] = _data_json(self.events[name])
        return self._data[name]


@dataclass(frozen=True, slots=True)
class Entry:
    """A parameter made ready: what can be worked out before an event comes. `place` names it in errors and notes."""

    place: str
    parameter: Parameter
    side: str
    key: Path | None
    template: str
    target: Target

    @classmethod
    def of(cls, place: str, parameter: Parameter) -> "Entry":
        """Make one parameter ready. With any key or template for the data, those for the context count for nothing."""
        source = parameter.source
        of_data = bool(source.data_key or source.data_template)
        key = source.data_key if of_data else source.context_key
        return cls(
            place=place,
            parameter=parameter,
            side="data" if of_data else "context",
            key=compile_path(key) if key else None,
            template=source.data_template if of_data else source.context_template,
            target=compile_target(parameter.dest),
        )

    def rejected(self, why: str) -> Rejected:
        """Word a failure so that the operator finds the entry."""
        return Rejected("parameter", f"{self.place}: {why}")


def resolve(entry: Entry, documents: Documents, render: Render, notes: list[Note]) -> Value | None:
    """Give the value; None where the dependency did not fire and has no default. Raises `Rejected("parameter")`."""
    source = entry.parameter.source
    name = source.dependency_name
    if name not in documents.events:
        return None if source.value is None else _default(entry, source.value, "the dependency did not fire", notes)
    if entry.key is None and not entry.template:
        fixed = whole_json(documents.events[name]) if source.value is None else _bytes(source.value)
        return Value(fixed, Kind.STRING)
    try:
        document = documents.data(name) if entry.side == "data" else documents.context(name)
        value, why = _look(entry, document, render, notes)
    except Unreadable as error:
        value, why = None, str(error)
    if value is not None:
        return value
    if source.value is None:
        raise entry.rejected(f"no value from dependency {name!r}: {why}; and there is no default `value`")
    return _default(entry, source.value, why, notes)


def _look(entry: Entry, document: bytes, render: Render, notes: list[Note]) -> tuple[Value | None, str]:
    """Try the template, then the key; give the value, or in words why there is none."""
    failures = []
    if entry.template:
        try:
            text = render(entry.template, document)
            if text not in _NO_RESULT:
                return Value(_bytes(text), Kind.STRING), ""
            failures.append(f"{entry.side}Template gives nothing")
        except TemplateError as error:
            failures.append(f"{entry.side}Template fails: {error}")
    if entry.key is not None:
        result = get(document, entry.key)
        if result.exists:
            notes.extend(Note(entry.place, entry.parameter.source.dependency_name, "key", why) for why in failures)
            return Value(b"null" if result.kind is Kind.NULL else result.content, result.kind), ""
        failures.append(f"{entry.side}Key {_key(entry.parameter.source, entry.side)!r} is missing")
    return None, ", ".join(failures)


def _key(source: Source, side: str) -> str:
    return source.data_key if side == "data" else source.context_key


def _default(entry: Entry, value: str, why: str, notes: list[Note]) -> Value:
    notes.append(Note(entry.place, entry.parameter.source.dependency_name, "default", why))
    return Value(_bytes(value), Kind.STRING)


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "replace")


def _data_json(event: CloudEvent) -> bytes:
    data = event.data or b""
    if event.datacontenttype == "application/json":
        if not valid(data):
            raise Unreadable("the event's data is not valid JSON")
        return data
    if event.datacontenttype == "application/yaml":
        try:
            return yaml_to_json(data)
        except YamlError as error:
            raise Unreadable(f"the event's data is not YAML that JSON can hold: {error}") from error
    raise Unreadable(f"the event's data has content type {event.datacontenttype!r}; it must be JSON or YAML")
