"""What waits for a consumer that nobody asks any more: seen to, then acked, a batch at a time, to the end."""

import asyncio
from collections.abc import Awaitable, Callable

from nats.aio.msg import Msg
from nats.js import JetStreamContext
from nats.js.api import ConsumerConfig
from nats.js.errors import NotFoundError

BATCH = 100
"""Messages that are seen to at a time."""
FETCH_TIMEOUT = 2.0
"""Seconds to wait for messages that another pod may have in hand."""
ACK_TIMEOUT = 5.0

Progress = Callable[[int], None]
"""Hears how many messages have been seen to."""
SeeTo = Callable[[Msg], Awaitable[None]]


async def drained(
    js: JetStreamContext, stream: str, config: ConsumerConfig, see_to: SeeTo, progress: Progress = lambda _: None
) -> bool:
    """See to all that waits for a consumer, which is made if it is not there; gives whether nothing is left.

    Raises what `see_to` raises, and the client's errors: what was not acked waits on.
    """
    name = str(config.durable_name)
    try:
        await js.consumer_info(stream, name)
    except NotFoundError:
        await js.add_consumer(stream, config)
    subscription = await js.pull_subscribe_bind(name, stream)
    done = 0
    try:
        while True:
            try:
                messages = await subscription.fetch(BATCH, timeout=FETCH_TIMEOUT)
            except TimeoutError:
                # The client raises its own, and at times the bare one.
                info = await js.consumer_info(stream, name)
                return not info.num_pending and not info.num_ack_pending
            await asyncio.gather(*map(see_to, messages))
            await asyncio.gather(*(message.ack_sync(timeout=ACK_TIMEOUT) for message in messages))
            done += len(messages)
            progress(done)
    finally:
        await subscription.unsubscribe()
