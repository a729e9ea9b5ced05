"""The consumers of a stream, as the server tells of them: whose they are, what they read, and how far they are."""

from collections.abc import Iterable, Mapping

from nats.js import JetStreamContext
from nats.js.api import ConsumerInfo

_PAGE = 256
"""Consumers in one answer of the server."""


def ack_floor(consumer: ConsumerInfo) -> int:
    """Give the stream sequence up to which a consumer has acked everything."""
    return consumer.ack_floor.stream_seq if consumer.ack_floor else 0


Floors = Mapping[tuple[str, str], int]
"""Ack floors by name and subject: a name may have stood for another subject a moment ago, whose floor says nothing here."""


def floors_of(consumers: Iterable[ConsumerInfo]) -> Floors:
    """Give the floors of consumers."""
    return {(str(c.name), c.config.filter_subject or ""): ack_floor(c) for c in consumers}


def reads(consumer: ConsumerInfo, subject: str) -> bool:
    """Say whether a consumer gets the events of a subject."""
    filters = [consumer.config.filter_subject, *(consumer.config.filter_subjects or [])]
    named = [f for f in filters if f]
    return not named or any(_overlaps(f, subject) for f in named)


def _overlaps(pattern: str, subject: str) -> bool:
    wanted, given = pattern.split("."), subject.split(".")
    for index, part in enumerate(wanted):
        if part == ">":
            return True
        if index >= len(given) or part not in ("*", given[index]):
            return False
    return len(wanted) == len(given)


async def consumers_of(js: JetStreamContext, stream: str) -> list[ConsumerInfo]:
    """Give all consumers of a stream, page by page."""
    found: list[ConsumerInfo] = []
    while True:
        page = await js.consumers_info(stream, offset=len(found))
        found += page
        if len(page) < _PAGE:
            return found
