"""What a parameter is, and what came of it: plain frozen values."""

from dataclasses import dataclass, field
from typing import Protocol

from sensor.paths import Kind


@dataclass(frozen=True, slots=True)
class Source:
    """Where a value comes from (`src`). `value` is the default, or the value itself if nothing else is set."""

    dependency_name: str
    context_key: str = ""
    context_template: str = ""
    data_key: str = ""
    data_template: str = ""
    value: str | None = None
    use_raw_data: bool = False


@dataclass(frozen=True, slots=True)
class Parameter:
    """One entry of `parameters` or `payload`: a value, and where it goes."""

    source: Source
    dest: str = ""
    operation: str = ""


class Render(Protocol):
    """The template engine. It may keep what it made of a template: the same texts come again with each event."""

    def __call__(self, template: str, document: bytes) -> str:
        """Give what the template makes of a JSON document. Raises `TemplateError`."""


@dataclass(frozen=True, slots=True)
class Value:
    """A resolved value: its text as bytes, and the JSON type that it has where `useRawData` asks for it."""

    content: bytes
    kind: Kind


@dataclass(frozen=True, slots=True)
class Note:
    """Something that the operator should hear of although a value was found.

    `used`: `default` when the entry's `value` stood in, `key` when the key stood in for a template that failed.
    """

    place: str
    dependency: str
    used: str
    why: str


@dataclass(frozen=True, slots=True)
class Applied:
    """A document with its parameters set, and what is to be told about them."""

    document: bytes
    notes: tuple[Note, ...] = field(default=())


@dataclass(frozen=True, slots=True)
class Payload:
    """A payload built from nothing; `body` is None where no entry gave anything."""

    body: bytes | None
    notes: tuple[Note, ...] = field(default=())
