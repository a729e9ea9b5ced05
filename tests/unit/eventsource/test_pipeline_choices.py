"""What a document may ask for besides the way of a message: keys of the producer, filters."""

import pytest

from tests.fakes_eventsource import Stage, play


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
