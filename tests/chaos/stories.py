"""The story of one message that is missing or doubled: every trace on the bus, in the cluster, in the logs."""

from nats.js import JetStreamContext
from nats.js.errors import APIError, NotFoundError

from eventsource.identity import event_id
from tests.chaos.books import Books
from tests.chaos.world import STREAM, World

LINES = 40
"""Log lines that are told of one message."""
SEARCHED = 5000
"""Events of a stream that are looked at, newest first."""


def story(world: World, books: Books, number: int) -> str:
    """Tell it."""
    message = books.traffic.sent[number]
    event, names = event_id(message.id), books.names(number)
    told = [f"message {number} ({message.event}, {message.kind}): MessageId {message.id}, event {event}"]
    told += [f"  {fate}" for fate in books.fates(number)]
    for stream in (STREAM, f"{STREAM}-deadletters", f"{STREAM}-replays"):
        told += [f"  {stream}: {line}" for line in world.on_bus(lambda js, stream=stream: _on_bus(js, stream, event))]
    ids = [message.id, event, *names]
    return "\n".join([*told, *(f"  {line}" for line in _logged(world, ids))])


async def _on_bus(js: JetStreamContext, stream: str, event: str) -> list[str]:
    try:
        state = (await js.stream_info(stream)).state
    except NotFoundError:
        return []
    found = []
    for sequence in range(state.last_seq, max(state.first_seq, state.last_seq - SEARCHED) - 1, -1):
        try:
            message = await js.get_msg(stream, sequence)
        except (NotFoundError, APIError):
            continue
        if event in str(message.headers) or event.encode() in (message.data or b""):
            found.append(f"sequence {sequence}, {message.subject}, {message.headers}")
    return found


def _logged(world: World, ids: list[str]) -> list[str]:
    lines = []
    for pod in world.pods:
        with pod.process.log.open(errors="replace") as log:
            lines += [f"{pod.name}: {line.strip()}" for line in log if any(known in line for known in ids)]
    return lines[:LINES]
