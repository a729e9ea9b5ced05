"""The measure beside the event source: aioboto3 alone, receiving ten and deleting ten, as many at a time as are told."""

import asyncio
import sys

import aioboto3
from aiobotocore.config import AioConfig


async def main(endpoint: str, url: str, count: int, pollers: int) -> None:
    """Take `count` messages out of the queue."""
    config = AioConfig(parameter_validation=False, user_agent="bare/1", max_pool_connections=2 * pollers + 20)
    left = count

    async def poll() -> None:
        nonlocal left
        while left > 0:
            answer = await client.receive_message(QueueUrl=url, MaxNumberOfMessages=10, WaitTimeSeconds=1)
            messages = answer.get("Messages", [])
            if messages:
                entries = [{"Id": str(n), "ReceiptHandle": m["ReceiptHandle"]} for n, m in enumerate(messages)]
                await client.delete_message_batch(QueueUrl=url, Entries=entries)
                left -= len(messages)

    connecting = aioboto3.Session().client("sqs", endpoint_url=endpoint, region_name="us-east-1", config=config)
    async with connecting as client, asyncio.TaskGroup() as tasks:
        for _ in range(pollers):
            tasks.create_task(poll())


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])))
