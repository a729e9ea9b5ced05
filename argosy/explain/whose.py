"""Whose event a message is that does not say so itself."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from argosy.explain.document import Subject
from argosy.explain.events import Given
from argosy.explain.messages import Whose
from common.errors import ConfigurationError


@dataclass(frozen=True, slots=True)
class Choice:
    """What the command line says about it: dependencies, one for all or one for each; or an event source and event."""

    dependencies: tuple[str, ...] = ()
    source: str = ""
    event: str = ""


def settle(choice: Choice, given: Sequence[Given], subject: Subject) -> Callable[[Given], Whose]:
    """Give the function that tells. Raises `ConfigurationError`."""
    bare = [one.place for one in given if one.bare]
    pairs = list(dict.fromkeys(_pairs(choice, subject))) if len(choice.dependencies) < 2 else list(_pairs(choice, subject))  # noqa: PLR2004
    if bare and len(pairs) != 1 and not choice.dependencies:
        names = ", ".join(subject.dependencies)
        raise ConfigurationError(f"{bare[0]}: whose event is it? Say --dependency, one of {names}")
    if len(pairs) == 1:
        pairs *= len(bare)
    if len(pairs) != len(bare):
        raise ConfigurationError(f"--dependency: {len(choice.dependencies)} given for {len(bare)} events: one, or one for each")
    found = {place: Whose(*pair, subject.queue(*pair)) for place, pair in zip(bare, pairs, strict=True)}
    return lambda one: found[one.place]


def _pairs(choice: Choice, subject: Subject) -> Iterator[tuple[str, str]]:
    """Give the event sources and events that may be meant."""
    if choice.source or choice.event:
        if not (choice.source and choice.event) or choice.dependencies:
            raise ConfigurationError("--source, --event: give both, or --dependency in their place")
        yield choice.source, choice.event
        return
    known = subject.dependencies
    for name in choice.dependencies or known:
        if name not in known:
            raise ConfigurationError(f"--dependency: the sensor has no {name!r}, but {', '.join(known)}")
        yield known[name].event_source_name, known[name].event_name
