"""Whose event a message is that does not say so itself."""

from collections.abc import Iterator, Sequence
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


def settle(choice: Choice, given: Sequence[Given], subject: Subject) -> list[Whose | None]:
    """Tell it for each; None for those that say so themselves. Raises `ConfigurationError`."""
    bare = [one.place for one in given if one.bare]
    pairs = list(_pairs(choice, subject))
    if not choice.dependencies and len(set(pairs)) > 1:
        if bare:
            raise ConfigurationError(
                f"{bare[0]}: whose event is it? Say --dependency, one of {', '.join(subject.dependencies)}"
            )
        pairs = []
    elif len(set(pairs)) == 1:
        pairs = pairs[:1] * len(bare)
    if len(pairs) != len(bare):
        raise ConfigurationError(f"--dependency: {len(pairs)} given for {len(bare)} events: one, or one for each")
    found = iter([Whose(*pair, subject.queue(*pair)) for pair in pairs])
    return [next(found) if one.bare else None for one in given]


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
