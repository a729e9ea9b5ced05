"""What every `Queue` does: the double that unit tests stand on, and the real one over emulators of SQS."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass
from typing import Any

from eventsource.ports import Answer, Message, Queue


@dataclass
class Subject:
    """A queue under test, a way to put messages into it from outside, and a way to run a scenario."""

    queue: Queue
    send: Callable[[str], Awaitable[object]]
    run: Callable[[Coroutine[Any, Any, None]], None]


class QueueContract:
    """The behaviour; a test module gives the fixture `subject`."""

    def test_gives_what_was_sent(self, subject: Subject) -> None:
        """Body, a first receive count, a receipt, and a lease that has begun."""

        async def scenario() -> None:
            await subject.queue.open()
            await subject.send("hello\n🐎 {{x}}")
            (message,) = await subject.queue.receive(10, wait=2, visibility=30)
            assert message.body == "hello\n🐎 {{x}}"
            assert message.receive_count == 1
            assert message.id
            assert 25 < message.lease_until - asyncio.get_running_loop().time() <= 30
            assert subject.queue.arn.startswith("arn:aws:sqs:us-east-1:")

        subject.run(scenario())

    def test_waits_for_the_first_message_and_no_longer(self, subject: Subject) -> None:
        """An empty poll comes back empty when its wait is over; one that gets a message comes back at once."""

        async def scenario() -> None:
            await subject.queue.open()
            loop = asyncio.get_running_loop()
            began = loop.time()
            assert await subject.queue.receive(10, wait=1, visibility=30) == []
            assert 0.9 <= loop.time() - began < 3
            async with asyncio.TaskGroup() as tasks:
                poll = tasks.create_task(subject.queue.receive(10, wait=10, visibility=30))
                await asyncio.sleep(0.3)
                await subject.send("late")
            assert [message.body for message in poll.result()] == ["late"]
            assert loop.time() - began < 8

        subject.run(scenario())

    def test_hides_what_it_gave_until_the_visibility_ends(self, subject: Subject) -> None:
        """Nobody else gets it meanwhile; then it comes again, with a higher count and another receipt."""

        async def scenario() -> None:
            await subject.queue.open()
            await subject.send("a")
            (first,) = await subject.queue.receive(10, wait=2, visibility=2)
            assert await subject.queue.receive(10, wait=0, visibility=2) == []
            (second,) = await self._receive(subject, visibility=30)
            assert (second.id, second.receive_count) == (first.id, 2)
            assert second.receipt != first.receipt

        subject.run(scenario())

    def test_deletes_for_good(self, subject: Subject) -> None:
        """Ten in a call, each answered."""

        async def scenario() -> None:
            await subject.queue.open()
            for n in range(10):
                await subject.send(str(n))
            messages = await self._receive(subject, count=10, visibility=2)
            assert await subject.queue.delete([message.receipt for message in messages]) == [Answer.OK] * 10
            await asyncio.sleep(2.5)
            assert await subject.queue.receive(10, wait=0, visibility=2) == []

        subject.run(scenario())

    def test_gives_back_at_once(self, subject: Subject) -> None:
        """Visibility 0 means now."""

        async def scenario() -> None:
            await subject.queue.open()
            await subject.send("a")
            (message,) = await self._receive(subject, visibility=600)
            assert await subject.queue.change_visibility([(message.receipt, 0)]) == [Answer.OK]
            (again,) = await subject.queue.receive(10, wait=2, visibility=30)
            assert again.receive_count == 2

        subject.run(scenario())

    def test_keeps_what_is_renewed(self, subject: Subject) -> None:
        """A visibility that was set anew counts from then."""

        async def scenario() -> None:
            await subject.queue.open()
            await subject.send("a")
            (message,) = await self._receive(subject, visibility=2)
            assert await subject.queue.change_visibility([(message.receipt, 30)]) == [Answer.OK]
            await asyncio.sleep(2.5)
            assert await subject.queue.receive(10, wait=0, visibility=30) == []
            assert await subject.queue.delete([message.receipt]) == [Answer.OK]

        subject.run(scenario())

    def test_answers_each_entry_of_a_batch(self, subject: Subject) -> None:
        """One bad receipt among good ones fails alone, and is worth nothing any more."""

        async def scenario() -> None:
            await subject.queue.open()
            await subject.send("a")
            await subject.send("b")
            one, two = await self._receive(subject, count=2, visibility=30)
            answers = await subject.queue.change_visibility([(one.receipt, 60), ("no receipt at all", 60), (two.receipt, 60)])
            assert answers == [Answer.OK, Answer.LOST, Answer.OK]

        subject.run(scenario())

    async def _receive(self, subject: Subject, *, count: int = 1, visibility: int) -> list[Message]:
        """Receive until so many have come: a receive may bring fewer."""
        found: list[Message] = []
        async with asyncio.timeout(20):
            while len(found) < count:
                found += await subject.queue.receive(count - len(found), wait=1, visibility=visibility)
        return found
