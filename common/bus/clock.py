"""What time it is by the bus.

The clocks of two pods may be minutes apart. So what one pod writes down and another one compares is the bus' time, and what
only has to last is measured by one's own steady clock (`common.bus.silence`).
"""

import time
from datetime import datetime

import orjson
from nats.aio.client import Client

from common.errors import Missing

TIMEOUT = 5.0
"""Seconds to wait for the answer."""


async def bus_time(client: Client, stream: str) -> float:
    """Give the time of the server that stamps the messages of a stream, in seconds since 1970.

    The client's own `stream_info` drops it. Servers before 2.10 do not tell; then it is our own. Raises `Missing` where there
    is no such stream, and the client's errors where nobody answers.
    """
    answer = orjson.loads((await client.request(f"$JS.API.STREAM.INFO.{stream}", timeout=TIMEOUT)).data)
    if "error" in answer:
        raise Missing(f"stream {stream}: {answer['error'].get('description')}")
    told = answer.get("ts")
    return datetime.fromisoformat(told).timestamp() if told else time.time()
