"""Says when Workflows come to be: watches a namespace from a process of its own.

`python watch_api.py URL TOKEN CA NAMESPACE`: prints `watching`, then for each new Workflow the first eight characters of
its parameter and the seconds since 1970. The API server ends a watch that is slow, so nothing else is done here.
"""

import asyncio
import ssl
import sys
import time

import aiohttp
import orjson


async def main(url: str, token: str, ca: str, namespace: str) -> None:
    """Watch until killed; a watch that ends is taken up where it ended."""
    path = f"/apis/argoproj.io/v1alpha1/namespaces/{namespace}/workflows"
    connector = aiohttp.TCPConnector(ssl=ssl.create_default_context(cafile=ca))
    headers = {"Authorization": f"Bearer {token}"}
    timeout = aiohttp.ClientTimeout(total=None)
    async with aiohttp.ClientSession(url, headers=headers, connector=connector, timeout=timeout) as session:
        async with session.get(path, params={"limit": "1"}) as answer:
            version = (await answer.json())["metadata"]["resourceVersion"]
        print("watching", flush=True)
        while True:
            async with session.get(path, params={"watch": "true", "resourceVersion": version}) as answer:
                async for line in answer.content:
                    now = time.time()
                    change = orjson.loads(line)
                    version = change["object"]["metadata"].get("resourceVersion", version)
                    if change["type"] == "ADDED":
                        value = change["object"]["spec"]["arguments"]["parameters"][0]["value"]
                        print(value[:8], now, flush=True)


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:5]))
