"""The double of the queue behaves like SQS."""

import pytest

from tests.contracts.queue import QueueContract, Subject
from tests.fakes_eventsource import FakeQueue, play


class TestFakeQueue(QueueContract):
    """The contract over the double."""

    @pytest.fixture
    def subject(self) -> Subject:
        """Give a fresh double in virtual time."""
        queue = FakeQueue()

        async def send(body: str) -> None:
            queue.send(body)

        return Subject(queue, send, play)
