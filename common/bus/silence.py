"""For how long somebody has been silent, as far as one has listened oneself: no clock of another pod counts. Pure."""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from typing import Generic, TypeVar

KeyT = TypeVar("KeyT", bound=Hashable)


@dataclass(slots=True)
class Silence(Generic[KeyT]):
    """Since when each of several has said nothing new. Moments are seconds of a steady clock, of any origin."""

    _last: dict[KeyT, tuple[object, float]] = field(default_factory=dict)

    def heard(self, words: Mapping[KeyT, object], now: float) -> None:
        """Hear the last word of each; who is not named any more is forgotten."""
        self._last = {
            key: known if (known := self._last.get(key)) and known[0] == word else (word, now) for key, word in words.items()
        }

    def lasts(self, key: KeyT, now: float) -> float:
        """Give for how many seconds one has said nothing new, or nothing since we listen."""
        return now - self._last[key][1]

    def listen_anew(self) -> None:
        """Begin again: we could not listen, or they could not speak."""
        self._last = {}
