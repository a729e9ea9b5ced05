"""Under which name a trigger reads a subject: that of its dependency, unless it still stands for something else. Pure.

The name follows from the dependency (`common.subjects.durable`), not from the event. So a dependency that names another event
meets its own old consumer, where events may wait, and which pods of the old document may still use. That one stays as it is
until it is retired; until then the new one has its subject's hash behind the name.
"""

import hashlib
from collections.abc import Iterable, Mapping

from nats.js.api import ConsumerInfo

from common.bus.reconcile import OWNER
from common.bus.record import Entry, Wanted

_DIGITS = 8


def beside(consumer: str, subject: str) -> str:
    """Give the name that a consumer of this subject has while its own is taken."""
    return f"{consumer}-{hashlib.sha256(subject.encode()).hexdigest()[:_DIGITS]}"


def name_of(
    want: Wanted, own: Iterable[Entry], consumers: Mapping[str, ConsumerInfo], *, title: str, rename: bool = True
) -> str:
    """Name the consumer of a trigger. `own`: what its sensor has registered; `title`: whose consumers are its own.

    Without `rename` one that has a name keeps it, and pods of two documents do not take it from each other.
    """
    by_key = {(entry.trigger, entry.subject): entry for entry in own}
    present = by_key.pop((want.trigger, want.subject), None)
    if present and not rename:
        return present.consumer
    if _is_free(want, by_key.values(), consumers.get(want.consumer), title):
        return want.consumer
    if present and present.consumer != want.consumer:
        return present.consumer
    return beside(want.consumer, want.subject)


def is_ours(consumer: ConsumerInfo, subject: str, title: str) -> bool:
    """Say whether a consumer is the one of a trigger on this subject; one without a mark may be, from Argo Events."""
    return consumer.config.filter_subject == subject and not _is_of_others(consumer, title)


def _is_free(want: Wanted, others: Iterable[Entry], there: ConsumerInfo | None, title: str) -> bool:
    """Say whether the name stands for nothing else. One that is somebody else's is not looked past: it is refused by name."""
    if there is None:
        return all(entry.consumer != want.consumer for entry in others)
    return _is_of_others(there, title) or there.config.filter_subject == want.subject


def _is_of_others(consumer: ConsumerInfo, title: str) -> bool:
    return (consumer.config.metadata or {}).get(OWNER, title) != title
