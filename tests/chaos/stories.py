"""The story of one message that is missing or doubled: every trace on the bus, in the cluster, in the logs."""

from collections.abc import Iterable

from nats.js import JetStreamContext
from nats.js.errors import APIError, NotFoundError

from tests.chaos.world import STREAM, World

LINES = 40
"""Log lines that are told of one message."""
SEARCHED = 5000
"""Events of a stream that are looked at, newest first."""


def story(world: World, number: int, message_id: str, workflows: Iterable[str]) -> str:
    """Tell it."""
    event = message_id.replace("-", "")
    names = sorted(workflows)
    told = [f"message {number}: MessageId {message_id}, event {event}", f"  Workflows: {', '.join(names) or 'none'}"]
    for stream in (STREAM, f"{STREAM}-deadletters", f"{STREAM}-replays"):
        told += [f"  {stream}: {line}" for line in world.on_bus(lambda js, stream=stream: _on_bus(js, stream, event))]
    ids = [message_id, event, *(name.partition(" ")[0] for name in names)]
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
