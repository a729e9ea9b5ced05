"""The writer of the dead letters. Nothing leaves its place before the PubAck."""

from common.bus import Bus
from common.deadletters.letter import DeadLetter, write
from common.errors import Rejected, Unavailable


class DeadLetters:
    """The writer of the stream."""

    def __init__(self, bus: Bus) -> None:
        self._bus = bus

    async def park(self, letter: DeadLetter) -> None:
        """Store the letter. Raises `Unavailable` when it was not stored: the message then stays where it is."""
        subject = self._bus.names.deadletter(letter.kind, f"{letter.namespace}/{letter.owner}", letter.part)
        try:
            await self._bus.publish(subject, letter.body, write(letter))
        except Rejected as error:
            raise Unavailable(f"the dead letter does not fit the bus: {error}") from error
