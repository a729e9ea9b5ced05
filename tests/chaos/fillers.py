"""What is done to the stream itself: filled to its last byte, a subject filled to its last event, its consumers deleted."""

import asyncio
import json
from contextlib import suppress

from nats.errors import TimeoutError as NatsTimeoutError
from nats.js import JetStreamContext
from nats.js.errors import APIError, NotFoundError

from common.cloudevent import CloudEvent, dump
from tests.chaos.building import PER_SUBJECT
from tests.chaos.world import FILLER, STREAM, SUBJECT

SIZES = (900_000, 60_000, 4_000, 100)
"""Bytes of what fills the stream, the coarse first."""
BATCH = 200
_FULL = 10077
"""JetStream: maximum bytes, or maximum messages per subject, exceeded (server/errors.json)."""


async def fill_stream(js: JetStreamContext) -> None:
    """Publish until not even a small message fits."""
    for size in SIZES:
        while await _stored(js, FILLER, b"x" * size) is not None:
            pass


async def empty_stream(js: JetStreamContext) -> None:
    """Give the room back."""
    await js.purge_stream(STREAM, subject=FILLER)


async def fill_subject(js: JetStreamContext) -> list[int]:
    """Publish events that no sensor wants until the subject takes no more; gives their sequences."""
    event = dump(
        CloudEvent(
            id="filler",
            source="nobody",
            type="sqs",
            subject="nothing",
            datacontenttype="application/json",
            time="2026-01-01T00:00:00Z",
            data=b"{}",
            extensions={},
        )
    )
    stored: list[int] = []
    while len(stored) < PER_SUBJECT:
        batch = await asyncio.gather(*(_stored(js, SUBJECT, event) for _ in range(BATCH)))
        stored += [sequence for sequence in batch if sequence is not None]
        if None in batch:
            break
    return stored


async def delete(js: JetStreamContext, sequences: list[int]) -> None:
    """Take these out again, where the sensors' purge has not done it."""
    for start in range(0, len(sequences), BATCH):
        await asyncio.gather(*(_delete(js, sequence) for sequence in sequences[start : start + BATCH]))


async def _delete(js: JetStreamContext, sequence: int) -> None:
    """Delete without overwriting the bytes, which takes milliseconds each and which the client cannot ask for."""
    request = json.dumps({"seq": sequence, "no_erase": True}).encode()
    with suppress(NatsTimeoutError):
        await js._nc.request(f"$JS.API.STREAM.MSG.DELETE.{STREAM}", request, timeout=10)


async def delete_consumers(js: JetStreamContext) -> None:
    """Delete every consumer of the stream."""
    for consumer in await js.consumers_info(STREAM):
        with suppress(NotFoundError):
            await js.delete_consumer(STREAM, str(consumer.name))


async def _stored(js: JetStreamContext, subject: str, payload: bytes) -> int | None:
    try:
        return (await js.publish(subject, payload, timeout=10)).seq
    except APIError as error:
        if error.err_code != _FULL:
            raise
    except NatsTimeoutError:
        pass
    return None
