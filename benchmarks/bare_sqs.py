"""The measure beside the event source: aioboto3 alone, receiving ten and deleting ten, as many at a time as are told.

It measures itself from the first message to the last, and prints what it found as JSON.
"""

import asyncio
import json
import os
import sys
import time

import aioboto3
from aiobotocore.config import AioConfig

from benchmarks.measure import usage


class Taker:
    """Takes `count` messages out of a queue."""

    def __init__(self, url: str, count: int) -> None:
        self._url = url
        self._left = self._count = count
        self._calls = 0
        self._began: tuple[float, float] | None = None

    async def run(self, client: object, pollers: int) -> None:
        """Take them."""
        async with asyncio.TaskGroup() as tasks:
            for _ in range(pollers):
                tasks.create_task(self._poll(client))

    async def _poll(self, client: object) -> None:
        while self._left > 0:
            answer = await client.receive_message(QueueUrl=self._url, MaxNumberOfMessages=10, WaitTimeSeconds=1)  # type: ignore[attr-defined]
            messages = answer.get("Messages", [])
            if messages:
                self._began = self._began or (time.monotonic(), usage(os.getpid()).cpu)
                entries = [{"Id": str(n), "ReceiptHandle": m["ReceiptHandle"]} for n, m in enumerate(messages)]
                await client.delete_message_batch(QueueUrl=self._url, Entries=entries)  # type: ignore[attr-defined]
                self._left -= len(messages)
                self._calls += 2
            if self._left <= 0 and self._began:
                print(json.dumps(self._found(*self._began)), flush=True)
                self._began = None

    def _found(self, began: float, cpu: float) -> dict[str, float]:
        used = usage(os.getpid())
        return {
            "rate": self._count / (time.monotonic() - began),
            "cpu_ms": (used.cpu - cpu) * 1000 / self._count,
            "calls": self._calls / self._count,
            "memory": used.high_water,
        }


async def main(endpoint: str, url: str, count: int, pollers: int) -> None:
    """Connect and take."""
    config = AioConfig(parameter_validation=False, user_agent="bare/1", max_pool_connections=2 * pollers + 20)
    connecting = aioboto3.Session().client("sqs", endpoint_url=endpoint, region_name="us-east-1", config=config)
    async with connecting as client:
        await Taker(url, count).run(client, pollers)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])))
