"""The consumers of a stream, as the server tells of them: whose they are, what they read, and how far they are."""

from collections.abc import Iterable, Mapping

import orjson
from nats.aio.client import Client
from nats.js.api import ConsumerInfo

from common.errors import Missing, Unavailable

TIMEOUT = 10.0
"""Seconds for one page; a server of several waits for what the others know before it answers."""


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


async def consumers_of(client: Client, stream: str, *, partial: bool = False) -> list[ConsumerInfo]:
    """Give all consumers of a stream, page by page.

    A server of several may not tell of its consumers in time, or at all. Raises `Unavailable` then (the client's own list
    leaves them out, and what they need would be purged), unless a `partial` list will do. Raises `Missing` where there is no
    stream, and the client's errors where nobody answers.
    """
    found: list[ConsumerInfo] = []
    while True:
        request = orjson.dumps({"offset": len(found)})
        answer = orjson.loads((await client.request(f"$JS.API.CONSUMER.LIST.{stream}", request, timeout=TIMEOUT)).data)
        if "error" in answer:
            raise Missing(f"stream {stream}: {answer['error'].get('description')}")
        silent = [*(answer.get("missing") or ()), *(answer.get("offline") or ())]
        if silent and not partial:
            raise Unavailable(f"no word of consumers of stream {stream}: {', '.join(map(str, silent))}")
        page = [ConsumerInfo.from_response(each) for each in answer.get("consumers") or ()]
        found += page
        if not page or len(found) >= int(answer.get("total", 0)):
            return found
