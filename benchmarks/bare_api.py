"""The measure beside the sensor: a bare aiohttp client that creates Workflows, so many at a time.

`python bare_api.py URL TOKEN CA PATH COUNT IN_FLIGHT`: prints the seconds it took, without its start.
"""

import asyncio
import ssl
import sys
import time
from itertools import count

import aiohttp
import orjson


async def main(url: str, token: str, ca: str, path: str, *, total: int, in_flight: int) -> None:
    """Create `total` Workflows with the body that the sensor's have, and say how long it took."""
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    numbers = iter(range(total))
    salt = count()
    context = ssl.create_default_context(cafile=ca)
    connector = aiohttp.TCPConnector(limit=in_flight, ssl=context)
    async with aiohttp.ClientSession(url, headers=headers, connector=connector) as session:

        async def create() -> None:
            for _ in numbers:
                async with session.post(path, data=workflow(next(salt))) as answer:
                    await answer.read()
                    answer.raise_for_status()

        started = time.monotonic()
        async with asyncio.TaskGroup() as tasks:
            for _ in range(in_flight):
                tasks.create_task(create())
        print(time.monotonic() - started)


def workflow(number: int) -> bytes:
    """Write one Workflow with a body of 1 KiB, and with the labels and annotations that the sensor's have."""
    metadata = {
        "name": f"bench-{number:020d}",
        "generateName": "bench-",
        "labels": {
            "events.argoproj.io/sensor": "bench",
            "events.argoproj.io/trigger": "workflow",
            "events.argoproj.io/action-timestamp": f"{1_700_000_000_000 + number}",
        },
        "annotations": {
            "argosy.io/firing": f"{number:064x}",
            "argosy.io/event-id": f"{number:032x}",
            "argosy.io/sqs-message-id": f"{number:036x}",
        },
    }
    return orjson.dumps(
        {
            "apiVersion": "argoproj.io/v1alpha1",
            "kind": "Workflow",
            "metadata": metadata,
            "spec": {
                "arguments": {"parameters": [{"name": "message", "value": f"{number:08d}".ljust(1024, "x")}]},
                "workflowTemplateRef": {"name": "bench"},
            },
        }
    )


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:5], total=int(sys.argv[5]), in_flight=int(sys.argv[6])))
