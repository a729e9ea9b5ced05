"""Parameters at the level of a trigger's own block (`http.parameters`): they may change anything in it.

As in Argo Events they are set in the block as JSON, which is then read again: a place that the block does not have drops
out, a value of the wrong type is an error. What was made of a block lately is kept.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Generic, TypeVar

import orjson

from common import documents
from common.cloudevent import CloudEvent
from common.documents import Model
from common.errors import ConfigurationError, Rejected
from sensor.spec import Parameter, encoded
from sensor.triggers.entries import prepared, words

KEPT = 64
"""How many texts of the block are kept, with what was made of each."""
SpecT = TypeVar("SpecT", bound=Model)
ReadyT = TypeVar("ReadyT")


class Typed(Generic[SpecT, ReadyT]):
    """A block of the document with its parameters. `own` is what it is without any event; None where it is not whole then."""

    def __init__(self, spec: SpecT, parameters: Sequence[Parameter], place: str, ready: Callable[[SpecT], ReadyT]) -> None:
        self._model = type(spec)
        self._text = orjson.dumps(encoded(spec))
        self._parameters = prepared(parameters, f"{place}.parameters")
        self._place = place
        self._ready = ready
        self._made: dict[bytes, ReadyT] = {}
        self.own: ReadyT | None = None
        try:
            self.own = ready(spec)
        except ConfigurationError:
            if not parameters:
                raise

    def of(self, events: Mapping[str, CloudEvent]) -> tuple[ReadyT, tuple[str, ...]]:
        """Give what the block becomes with these events, and notes. Raises `Rejected("parameter")`."""
        if self.own is not None and not self._parameters.entries:
            return self.own, ()
        applied = self._parameters.apply(self._text, events)
        if applied.document not in self._made:
            made = self._make(applied.document)
            if len(self._made) >= KEPT:
                self._made.pop(next(iter(self._made)))
            self._made[applied.document] = made
        return self._made[applied.document], words(applied.notes)

    def _make(self, text: bytes) -> ReadyT:
        try:
            return self._ready(documents.parse(self._model, orjson.loads(text), self._place).value)
        except (ConfigurationError, orjson.JSONDecodeError) as error:
            raise Rejected("parameter", f"with its parameters set, the trigger cannot be read: {error}") from error
