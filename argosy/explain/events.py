"""The events to explain: CloudEvents as they are on the bus, messages as SQS has them, or the bare data of an event."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from argosy import files
from argosy.explain.messages import Unpublished, Whose
from argosy.explain.report import Arrival
from common import cloudevent, jsontext
from common.cloudevent import CloudEvent
from common.errors import ConfigurationError, Rejected
from sensor.paths import compile_path, get

WANTED = "a CloudEvent (specversion), a message of SQS (Body) or the data of an event (messageId and body)"


@dataclass(frozen=True, slots=True)
class Given:
    """One JSON object of a file, and its text."""

    place: str
    raw: bytes
    document: Mapping[str, Any]

    @property
    def bare(self) -> bool:
        """Whether it has to be told whose event it is."""
        return "specversion" not in self.document

    @property
    def is_message(self) -> bool:
        """Whether it is a message as SQS has it."""
        return not {"Body", "MessageId"}.isdisjoint(self.document)


def read(file: str) -> Iterator[Given]:
    """Read the objects of a file: one, a list of them, or an answer of SQS. Raises `ConfigurationError`, naming the file."""
    try:
        raw = files.read(file)
    except ConfigurationError as error:
        raise ConfigurationError(f"{file}: {error}") from error
    if not jsontext.is_valid(raw):
        raise ConfigurationError(f"{file}: not JSON; wanted is {WANTED}")
    answer = get(raw, compile_path("Messages"))
    whole = answer if answer.is_array else get(raw, compile_path("@this"))
    if not whole.is_array:
        yield _given(file, raw)
        return
    for number in range(int(get(whole.raw, compile_path("#")).text)):
        yield _given(f"{file}[{number}]", get(whole.raw, compile_path(str(number))).raw)


def arrive(given: Given, whose: Whose | None, now: str) -> tuple[Arrival, CloudEvent | None]:
    """Make the event of what was given, as it would stand on the bus; None where it would not.

    `whose` tells whose event it is that does not say so itself. Raises `ConfigurationError`, naming the file, where it is no
    event at all.
    """
    try:
        return _from_the_bus(given) if whose is None else _made(given, whose, now)
    except Rejected as error:
        raise ConfigurationError(f"{given.place}: {error}: each trigger that gets it parks it ({error.reason})") from error
    except ValueError as error:
        raise ConfigurationError(f"{given.place}: {error}") from error


def _from_the_bus(given: Given) -> tuple[Arrival, CloudEvent]:
    event = cloudevent.load(given.raw)
    return _arrival(given.place, event), event


def _made(given: Given, whose: Whose, now: str) -> tuple[Arrival, CloudEvent | None]:
    """Do what the event source does."""
    if not given.is_message:
        event = whose.of_data(given.raw, str(given.document["messageId"]), now)
        return _arrival(given.place, event), event
    notes = () if whose.spec else (f"the document of event source {whose.source} is not here: the body is taken as text",)
    try:
        event = whose.of_message(given.document, now)
    except Unpublished as error:
        ident = str(given.document.get("MessageId") or "")
        return Arrival(given.place, ident, whose.source, whose.event, "sqs", now, error.fate, str(error), notes), None
    return _arrival(given.place, event, notes), event


def _arrival(place: str, event: CloudEvent, notes: Sequence[str] = ()) -> Arrival:
    return Arrival(place, event.id, event.source, event.subject, event.type, event.time, notes=notes)


def _given(place: str, raw: bytes) -> Given:
    try:
        # Not orjson: the command line of AWS writes halves of surrogate pairs, too.
        document = json.loads(raw)
    except (ValueError, RecursionError) as error:
        raise ConfigurationError(f"{place}: cannot be read: {error}") from error
    if not isinstance(document, Mapping) or not (
        document.keys() & {"specversion", "Body", "MessageId"} or {"messageId", "body"} <= document.keys()
    ):
        raise ConfigurationError(f"{place}: wanted is {WANTED}")
    return Given(place, raw, document)
