"""What every `Publisher` does: the double that unit tests stand on, and the real one over a NATS server."""

from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass, replace
from typing import Any

import pytest

from common.cloudevent import CloudEvent
from common.errors import Rejected, Unavailable
from eventsource.ports import Publisher

EVENT = CloudEvent(id="0" * 32, source="aws-sqs", type="sqs", subject="orders", data=b'{"body":"a"}')


@dataclass
class Stage:
    """A publisher under test, what arrived, and a way to run a scenario."""

    publisher: Publisher
    arrived: Callable[[], Awaitable[list[CloudEvent]]]
    go_away: Callable[[], Awaitable[None]]
    run: Callable[[Coroutine[Any, Any, None]], None]


class PublisherContract:
    """The behaviour; a test module gives the fixture `stage`."""

    def test_stores_an_event_once(self, stage: Stage) -> None:
        """The same id again is a duplicate, whatever else has changed, and is not stored."""

        async def scenario() -> None:
            assert await stage.publisher.publish(EVENT, attempt=1) == "published"
            assert await stage.publisher.publish(replace(EVENT, time="2026-11-23T12:00:00Z"), attempt=2) == "duplicate"
            assert await stage.publisher.publish(replace(EVENT, id="1" * 32), attempt=1) == "published"
            assert [event.id for event in await stage.arrived()] == ["0" * 32, "1" * 32]

        stage.run(scenario())

    def test_says_what_can_never_be_stored(self, stage: Stage) -> None:
        """Too large is about the message, not about the bus; the next one passes."""

        async def scenario() -> None:
            with pytest.raises(Rejected) as caught:
                await stage.publisher.publish(replace(EVENT, data=b"x" * 9 * 1024 * 1024), attempt=1)
            assert caught.value.reason == "too_large"
            assert await stage.publisher.publish(EVENT, attempt=1) == "published"

        stage.run(scenario())

    def test_is_unavailable_without_a_bus(self, stage: Stage) -> None:
        """About no message at all: whoever publishes waits and tries again."""

        async def scenario() -> None:
            await stage.go_away()
            with pytest.raises(Unavailable):
                await stage.publisher.publish(EVENT, attempt=1)

        stage.run(scenario())
