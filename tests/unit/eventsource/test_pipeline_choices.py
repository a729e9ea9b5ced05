"""What a document may ask for besides the way of a message: keys of the producer, filters."""

import pytest

from tests.fakes_eventsource import FakeQueue, Stage, play


@pytest.mark.promise("B6")
def test_the_producers_own_duplicates_become_one_event() -> None:
    """Two MessageIds, one order: stored once, both deleted; a message without the key is counted."""

    async def scenario() -> None:
        stage = Stage(event={"argosy": {"idempotencyKey": "body.id"}})
        stage.queue.send('{"id":7}', '{"id":7}', '{"id":8}', "{}")
        await stage.run_until(lambda: not stage.queue.messages)
        assert len(stage.bus.events) == 3
        assert (stage.count("published"), stage.count("duplicate")) == (3, 1)
        assert stage.metrics.keyless._value.get() == 1

    play(scenario())


def test_what_the_filter_does_not_want_is_deleted_and_counted() -> None:
    """As in Argo Events it never gets to the bus; here it is an outcome of its own."""

    async def scenario() -> None:
        stage = Stage(event={"jsonBody": True, "filter": {"expression": "body.n >= 15"}})
        stage.queue.send(*(f'{{"n":{n}}}' for n in range(20)))
        await stage.run_until(lambda: not stage.queue.messages)
        assert len(stage.bus.events) == 5
        assert (stage.count("published"), stage.count("filtered")) == (5, 15)
        assert stage.metrics.filtered._value.get() == 15
        assert stage.books == (20, 20)

    play(scenario())


@pytest.mark.promise("A5")
def test_a_filter_that_fails_costs_no_message() -> None:
    """Argo Events deletes it (fault F2); here it is parked with the reason, and its neighbours go on."""

    async def scenario() -> None:
        stage = Stage(event={"jsonBody": True, "filter": {"expression": "body.n > 1"}})
        stage.queue.send('{"n":2}', '{"n":"text"}', '{"n":3}')
        await stage.run_until(lambda: not stage.queue.messages)
        (letter,) = stage.bus.letters
        assert (letter.reason, letter.body) == ("filter_error", b'{"n":"text"}')
        assert letter.detail.startswith("filter.expression: ")
        assert (stage.count("published"), stage.count("parked")) == (2, 1)
        assert stage.metrics.source.rejected["filter_error"]._value.get() == 1

    play(scenario())


@pytest.mark.promise("A5")
def test_a_filter_that_fails_leaves_the_message_to_the_queue_where_it_says_so() -> None:
    """With `dlq: true` the redrive of the queue takes it."""

    async def scenario() -> None:
        event = {"jsonBody": True, "dlq": True, "filter": {"expression": "body.n > 1"}}
        stage = Stage(queue=FakeQueue(max_receives=2), event=event)
        stage.queue.send('{"n":"text"}')
        await stage.run_until(lambda: stage.queue.dead)
        assert not stage.bus.letters
        assert stage.count("left") == 2

    play(scenario())
