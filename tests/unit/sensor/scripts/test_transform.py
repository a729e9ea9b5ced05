"""`transform`: what becomes of the event around the program."""

import pytest

from common.cloudevent import CloudEvent
from sensor.dependencies.transform import Transform, apply

EVENT = CloudEvent("1", "orders", "sqs", "created", "text/plain", data=b'{"a":1}')


async def run(language: str, program: str, data: bytes) -> bytes:
    """Stand in for the workers: say what was asked."""
    return b" ".join((language.encode(), program.encode(), data))


@pytest.mark.parametrize(
    ("transform", "data"),
    [
        (Transform(jq=".a"), b'jq .a {"a":1}'),
        (Transform(script="return {}"), b'lua return {} {"a":1}'),
        (Transform(jq=".a", script="return {}"), b'jq .a {"a":1}'),
    ],
)
async def test_the_data_is_made_anew_and_is_json(transform: Transform, data: bytes) -> None:
    """All else of the event stays; with both programs jq counts."""
    made = await apply(transform, EVENT, run)
    assert (made.data, made.datacontenttype) == (data, "application/json")
    assert (made.id, made.source, made.type, made.subject) == ("1", "orders", "sqs", "created")


async def test_without_a_program_or_data_nothing_changes() -> None:
    """The very event goes on."""
    nothing = CloudEvent("1", "orders", "sqs")
    assert await apply(None, EVENT, run) is EVENT
    assert await apply(Transform(), EVENT, run) is EVENT
    assert await apply(Transform(jq="."), nothing, run) is nothing
