"""One queue from receive to settled, over working doubles, in virtual time."""

import asyncio

import pytest

from common.errors import Refused, Rejected, Unavailable
from eventsource.ports import Answer
from tests.fakes_eventsource import FakeQueue, Stage, play, until

AWAY = Unavailable("the bus is away")


def test_messages_reach_the_bus_and_leave_the_queue() -> None:
    """Every message becomes one event and is deleted after."""

    async def scenario() -> None:
        stage = Stage()
        ids = stage.queue.send(*(f"body {n}" for n in range(95)))
        await stage.run_until(lambda: not stage.queue.messages)
        assert sorted(stage.bus.ids) == sorted(i.replace("-", "") for i in ids)
        assert stage.count("published") == 95
        assert stage.books == (95, 95)

    play(scenario())


@pytest.mark.promise("A1")
def test_nothing_is_deleted_before_the_bus_confirmed() -> None:
    """While no PubAck comes the queue keeps every message."""

    async def scenario() -> None:
        stage = Stage()
        stage.bus.delay = 100.0
        stage.queue.send("a", "b", "c")
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(stage.intake().run(stage.stop))
            await asyncio.sleep(99)
            assert stage.queue.count("delete") == 0
            assert len(stage.queue.messages) == 3
            await until(lambda: not stage.queue.messages)
            stage.stop.set()
        assert stage.queue.most_receives == 0  # none is left that was received at all
        assert len(stage.bus.events) == 3

    play(scenario())


def test_ten_messages_cost_two_calls() -> None:
    """A full receive is published at once and deleted in one batch."""

    async def scenario() -> None:
        stage = Stage(settings={"max_pollers": 1})
        stage.queue.send(*map(str, range(100)))
        await stage.run_until(lambda: not stage.queue.messages)
        assert stage.queue.count("receive") <= 12
        assert stage.queue.count("delete") == 10
        assert stage.bus.most_at_a_time >= 10

    play(scenario())


@pytest.mark.promise("A6")
def test_an_outage_of_the_bus_costs_no_receive_count() -> None:
    """An hour without the bus: what is held is kept alive, nothing else is received, the queue's own DLQ stays empty."""

    async def scenario() -> None:
        stage = Stage(queue=FakeQueue(max_receives=3))
        stage.queue.send(*map(str, range(500)))
        stage.bus.go_away(AWAY)
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(stage.intake().run(stage.stop))
            await asyncio.sleep(1)
            assert stage.queue.most_receives == 0  # a bus that is away from the start is not polled for
            stage.bus.come_back()
            await until(lambda: len(stage.bus.events) > 50)
            stage.bus.go_away(AWAY)
            await asyncio.sleep(30)
            polls = stage.queue.count("receive")
            await asyncio.sleep(3600)
            assert stage.queue.most_receives <= 1
            assert stage.queue.count("receive") == polls
            stage.bus.come_back()
            await until(lambda: not stage.queue.messages, within=15)
            stage.stop.set()
        assert len(stage.bus.events) == 500
        assert not stage.queue.dead
        assert stage.books[0] == stage.books[1] == 500

    play(scenario())


@pytest.mark.promise("A7")
def test_a_full_subject_is_probed_by_one_message_at_a_time() -> None:
    """A bus that is there and takes nothing is asked ever more seldom, by one message at a time."""

    async def scenario() -> None:
        stage = Stage()
        stage.queue.send(*map(str, range(100)))
        stage.bus.fault = Unavailable("maximum messages per subject exceeded (10077)")
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(stage.intake().run(stage.stop))
            await asyncio.sleep(100)
            before = len(stage.bus.attempts)
            stage.bus.most_at_a_time = 0
            await asyncio.sleep(600)
            assert 600 / 10 <= len(stage.bus.attempts) - before <= 600 / 5 + 1
            assert stage.bus.most_at_a_time == 1
            assert stage.queue.most_receives == 1
            stage.bus.fault = None
            await until(lambda: not stage.queue.messages, within=20)
            stage.stop.set()
        assert len(stage.bus.events) == 100

    play(scenario())


def test_a_repeated_publish_says_so() -> None:
    """The second attempt carries its number; the event keeps its id."""

    async def scenario() -> None:
        stage = Stage()
        stage.bus.fault = AWAY
        stage.queue.send("a")
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(stage.intake().run(stage.stop))
            await asyncio.sleep(0.2)
            stage.bus.fault = None
            await until(lambda: not stage.queue.messages)
            stage.stop.set()
        assert stage.bus.attempts[0] == 1
        assert stage.bus.attempts[-1] >= 2
        assert len(stage.bus.events) == 1

    play(scenario())


@pytest.mark.promise("B5")
def test_a_stalled_message_stays_ours() -> None:
    """Ten minutes between receive and PubAck, with leases of 30 s: received once."""

    async def scenario() -> None:
        stage = Stage(settings={"visibility_timeout": 30})
        stage.bus.delay = 600.0
        stage.queue.send(*map(str, range(25)))
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(stage.intake().run(stage.stop))
            await asyncio.sleep(599)
            assert stage.queue.most_receives == 1
            await until(lambda: not stage.queue.messages)
            stage.stop.set()
        renewals = [size for name, size in stage.queue.calls if name == "change_visibility"]
        assert max(renewals) == 10
        assert len(stage.bus.events) == 25

    play(scenario())


@pytest.mark.promise("B5")
def test_a_message_whose_lease_was_lost_is_not_published() -> None:
    """Somebody else has it by now; it is counted and let go."""

    async def scenario() -> None:
        stage = Stage(settings={"visibility_timeout": 30})
        (lost, _) = stage.queue.send("a", "b")
        stage.bus.fault = AWAY
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(stage.intake().run(stage.stop))
            await until(lambda: stage.queue.most_receives)
            stage.queue.lose(lost)
            stage.queue.messages.pop(lost)
            await asyncio.sleep(60)
            stage.bus.fault = None
            await until(lambda: not stage.queue.messages)
            stage.stop.set()
        assert len(stage.bus.events) == 1
        assert stage.count("lease_lost") == 1
        assert stage.books == (2, 2)

    play(scenario())


def test_a_lease_that_ran_out_by_our_own_clock_is_not_published() -> None:
    """SQS answers no renewal: at the end of the lease the message is somebody else's."""

    async def scenario() -> None:
        stage = Stage(settings={"visibility_timeout": 30})
        stage.queue.send("a")
        stage.bus.fault = AWAY
        stage.queue.faults["change_visibility"] = Unavailable("SQS is away")
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(stage.intake().run(stage.stop))
            await until(lambda: stage.queue.most_receives)
            stage.queue.faults["receive"] = Unavailable("SQS is away")
            await asyncio.sleep(60)
            stage.bus.fault = None
            await asyncio.sleep(30)
            assert not stage.bus.events
            assert stage.count("lease_lost") == 1
            # Nothing is in hand that could find out that the bus is there again: the next receive does.
            stage.queue.faults.clear()
            await until(lambda: not stage.queue.messages, within=120)
            stage.stop.set()
        assert len(stage.bus.events) == 1

    play(scenario())


@pytest.mark.parametrize(
    "slow",
    [
        pytest.param([(3.0, 0.0)], id="a renewal that arrives late"),
        pytest.param([(0.0, 0.0), (0.0, 20.0)], id="a release whose answer comes late"),
    ],
)
def test_a_renewal_does_not_undo_a_release(slow: list[tuple[float, float]]) -> None:
    """A message that failed is seen again after its pause, whatever renewals were under way."""

    async def scenario() -> None:
        stage = Stage()  # a lease of 60 s, looked at every 5 s, renewed after 35 s for the first time
        stage.queue.slow["change_visibility"] = slow
        stage.queue.send("a")
        stage.bus.refuses = lambda _: ValueError()
        stage.bus.delay = 36.0 if len(slow) == 1 else 69.0
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(stage.intake().run(stage.stop))
            await until(lambda: stage.queue.most_receives == 1)
            stage.queue.faults["receive"] = Unavailable("nobody receives it now")
            await asyncio.sleep(stage.bus.delay + 12)
            assert stage.queue.visible == 1
            stage.stop.set()

    play(scenario())


def test_each_outage_is_probed_soon_at_first() -> None:
    """The pauses between probes do not remember the last outage."""

    async def scenario() -> None:
        stage = Stage()
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(stage.intake().run(stage.stop))
            for _ in range(3):
                stage.bus.fault = Unavailable("full")
                stage.queue.send("a")
                await asyncio.sleep(120)
                stage.bus.fault = None
                await until(lambda: not stage.queue.messages, within=11)
                stage.bus.fault = Unavailable("full")
                stage.queue.send("b")
                await asyncio.sleep(1)
                stage.bus.fault = None
                await until(lambda: not stage.queue.messages, within=3)
            stage.stop.set()

    play(scenario())


@pytest.mark.promise("A9")
def test_stopping_finishes_what_is_in_hand() -> None:
    """With the bus there, what was received is published and deleted, and nothing more is received."""

    async def scenario() -> None:
        stage = Stage(settings={"max_in_flight": 20})
        stage.bus.delay = 3.0
        stage.queue.send(*map(str, range(100)))
        await stage.run_until(lambda: stage.metrics.in_flight._value.get() == 20)
        assert len(stage.bus.events) == 20
        assert len(stage.queue.messages) == 80
        assert stage.queue.visible == 80

    play(scenario())


@pytest.mark.promise("A9")
def test_what_a_last_poll_brings_is_handed_back_at_once() -> None:
    """The running poll is not cancelled; its messages are visible again when the service has ended."""

    async def scenario() -> None:
        stage = Stage(event={"waitTimeSeconds": 20}, settings={"visibility_timeout": 900})
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(stage.intake().run(stage.stop))
            await until(lambda: stage.queue.polls and len(stage.queue.calls) > 2)
            stage.stop.set()
            await asyncio.sleep(1)
            assert stage.queue.polls == 1
            stage.queue.send("a", "b")
        assert stage.queue.visible == 2
        assert not stage.bus.events
        assert stage.count("handed_back") == 2

    play(scenario())


@pytest.mark.promise("A9")
@pytest.mark.parametrize("connected", [False, True], ids=["away", "full"])
def test_stopping_without_a_bus_hands_back(connected: bool) -> None:  # noqa: FBT001 - a table
    """What cannot be published when the service stops is visible to others at once."""

    async def scenario() -> None:
        stage = Stage(settings={"visibility_timeout": 900})
        stage.bus.delay = 1.0
        stage.queue.send(*map(str, range(30)))
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(stage.intake().run(stage.stop))
            await until(lambda: stage.metrics.in_flight._value.get() == 30)
            if connected:
                stage.bus.fault = Unavailable("full")
            else:
                stage.bus.go_away(AWAY)
            await asyncio.sleep(60)
            stage.stop.set()
            began = asyncio.get_running_loop().time()
        assert asyncio.get_running_loop().time() - began < 5
        assert stage.queue.visible == 30
        assert stage.count("handed_back") == 30

    play(scenario())


@pytest.mark.promise("A5")
def test_poison_is_parked_once_and_its_neighbours_do_not_wait() -> None:
    """One body that is not JSON among many: parked with the reason and the original bytes, then deleted."""

    async def scenario() -> None:
        stage = Stage(event={"jsonBody": True})
        stage.queue.send(*(f'{{"n":{n}}}' for n in range(50)), "no json", *(f'{{"n":{n}}}' for n in range(50)))
        await stage.run_until(lambda: not stage.queue.messages)
        (letter,) = stage.bus.letters
        assert letter.reason == "not_json"
        assert letter.body == b"no json"
        assert (letter.kind, letter.owner, letter.part) == ("eventsource", "aws-sqs", "orders")
        assert len(stage.bus.events) == 100
        assert stage.count("parked") == 1
        assert stage.queue.most_receives == 0

    play(scenario())


@pytest.mark.promise("A5")
def test_poison_is_left_to_the_redrive_of_the_queue() -> None:
    """With `dlq: true` the queue's own dead-letter queue takes it, after as many receives as the queue says."""

    async def scenario() -> None:
        stage = Stage(queue=FakeQueue(max_receives=3), event={"jsonBody": True, "dlq": True})
        stage.queue.send("no json", "1")
        await stage.run_until(lambda: stage.queue.dead)
        assert [message.body for message in stage.queue.dead] == ["no json"]
        assert not stage.bus.letters
        assert stage.count("left") == 3

    play(scenario())


def test_poison_that_cannot_be_parked_stays_in_the_queue() -> None:
    """No place among the dead letters: it is given back, and parked when there is."""

    async def scenario() -> None:
        stage = Stage(event={"jsonBody": True})
        stage.bus.parking_fault = Unavailable("full")
        stage.queue.send("no json")
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(stage.intake().run(stage.stop))
            await asyncio.sleep(60)
            assert len(stage.queue.messages) == 1
            stage.bus.parking_fault = None
            await until(lambda: not stage.queue.messages)
            stage.stop.set()
        assert len(stage.bus.letters) == 1
        assert stage.count("released") >= 1

    play(scenario())


@pytest.mark.promise("E4")
def test_what_the_bus_cannot_take_goes_to_the_redrive_of_the_queue() -> None:
    """Too large for the server: never deleted, never parked, given back for longer and longer."""

    async def scenario() -> None:
        stage = Stage(queue=FakeQueue(max_receives=4))
        stage.bus.refuses = lambda event: Rejected("too_large", "2 MB") if len(event.data or b"") > 1000 else None
        stage.queue.send("x" * 2000, "small")
        await stage.run_until(lambda: stage.queue.dead)
        assert len(stage.bus.events) == 1
        assert not stage.bus.letters
        assert stage.metrics.source.rejected["too_large"]._value.get() == 4
        assert stage.count("released") == 4

    play(scenario())


def test_an_unexpected_error_costs_nobody_else_anything() -> None:
    """A fault of the program about one message: given back, counted, the others go on."""

    async def scenario() -> None:
        stage = Stage()
        (bad, *_) = stage.queue.send(*map(str, range(20)))
        stage.bus.refuses = lambda event: ZeroDivisionError() if event.id == bad.replace("-", "") else None
        await stage.run_until(lambda: len(stage.bus.events) == 19 and len(stage.queue.messages) == 1)
        assert stage.metrics.unexpected._value.get() >= 1
        assert stage.books[0] == stage.books[1]

    play(scenario())


def test_a_delete_that_failed_is_tried_again() -> None:
    """SQS answers 200 and says of some entries that they failed."""

    async def scenario() -> None:
        stage = Stage()
        stage.queue.failing["delete"] = [Answer.AGAIN, Answer.AGAIN, Answer.AGAIN]
        stage.queue.send(*map(str, range(10)))
        await stage.run_until(lambda: not stage.queue.messages)
        assert len(stage.bus.attempts) == 10
        assert stage.metrics.source.deletes["again"]._value.get() == 3

    play(scenario())


def test_sqs_away_at_the_delete_costs_no_second_publish() -> None:
    """The delete waits until SQS is back; the lease has not run out by then."""

    async def scenario() -> None:
        stage = Stage()
        stage.queue.faults["delete"] = Unavailable("SQS is away")
        stage.queue.send(*map(str, range(10)))
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(stage.intake().run(stage.stop))
            await asyncio.sleep(20)
            del stage.queue.faults["delete"]
            await until(lambda: not stage.queue.messages)
            stage.stop.set()
        assert len(stage.bus.attempts) == 10

    play(scenario())


def test_a_renewal_beside_a_delete_is_no_lost_lease() -> None:
    """The delete was done and its answer is late; SQS calls the lease lost, and that is no news."""

    async def scenario() -> None:
        stage = Stage()
        stage.bus.delay = 33.0
        stage.queue.slow["delete"] = [(0.0, 20.0)]
        stage.queue.send("a")
        await stage.run_until(lambda: stage.count("published"))
        assert stage.queue.count("change_visibility") >= 1
        assert stage.metrics.lost._value.get() == 0

    play(scenario())


def test_stopping_without_sqs_ends_in_time() -> None:
    """What was published and cannot be deleted is left: it comes back and is known then."""

    async def scenario() -> None:
        stage = Stage(settings={"visibility_timeout": 900})
        stage.queue.faults["delete"] = Unavailable("SQS is away")
        stage.queue.send(*map(str, range(20)))
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(stage.intake().run(stage.stop))
            await until(lambda: len(stage.bus.events) == 20)
            stage.stop.set()
            began = asyncio.get_running_loop().time()
        assert asyncio.get_running_loop().time() - began < 30
        assert stage.books == (20, 20)

    play(scenario())


@pytest.mark.promise("C4")
def test_a_delete_that_is_not_allowed_stops_the_polling() -> None:
    """Otherwise every message would come back for ever; said in the condition, and gone on with when it is allowed."""

    async def scenario() -> None:
        stage = Stage(settings={"max_in_flight": 1000})
        stage.queue.delay = 0.1
        stage.queue.faults["delete"] = Refused("delete: AccessDenied")
        stage.queue.send(*map(str, range(300)))
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(stage.intake().run(stage.stop))
            await asyncio.sleep(10)
            assert stage.deleting.why == "delete: AccessDenied"
            received = stage.metrics.received._value.get()
            await asyncio.sleep(600)
            assert stage.metrics.received._value.get() == received < 300
            assert stage.queue.most_receives == 1
            del stage.queue.faults["delete"]
            await until(lambda: not stage.queue.messages)
            assert stage.deleting.why is None
            stage.stop.set()
        assert len(stage.bus.events) == 300

    play(scenario())


def test_a_group_stays_in_order_and_a_failure_holds_back_its_own_group_only() -> None:
    """FIFO: k+1 goes to the bus only after k; what fails once comes again before what is behind it."""

    async def scenario() -> None:
        stage = Stage(queue=FakeQueue(fifo=True))
        failures = {"a 3": 2, "a 7": 1}

        def refuse(event: object) -> Exception | None:
            body = event.data.decode().partition('"body":"')[2].partition('"')[0]  # type: ignore[attr-defined]
            if failures.get(body, 0):
                failures[body] -= 1
                return ValueError(body)
            return None

        stage.bus.refuses = refuse
        for n in range(10):
            stage.queue.send(f"a {n}", group="a")
            stage.queue.send(f"b {n}", group="b")
        await stage.run_until(lambda: not stage.queue.messages)
        order = [event.data.decode().partition('"body":"')[2].partition('"')[0] for event in stage.bus.events]  # type: ignore[union-attr]
        assert [body for body in order if body[0] == "a"] == [f"a {n}" for n in range(10)]
        assert [body for body in order if body[0] == "b"] == [f"b {n}" for n in range(10)]
        assert order.index("b 9") < order.index("a 9")

    play(scenario())
