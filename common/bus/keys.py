"""The keys of a bucket, and what the leader of its stream has under them.

The client's own listing makes a consumer each time, which stays on the bus for five minutes; a stream may have 1,000 of
them. And where all keys have arrived before it looks, it says that there are none. The state of the stream names them too.
"""

from dataclasses import dataclass

from nats.js import JetStreamContext
from nats.js.errors import NotFoundError

_OPERATION = "KV-Operation"
"""Header of what a deleted key leaves behind (https://github.com/nats-io/nats-architecture-and-design, ADR-8)."""


@dataclass(frozen=True, slots=True)
class Value:
    """What is stored under a key, by which revision, and when: in seconds since 1970, by the bus' clock."""

    data: bytes
    revision: int
    stored: float


async def keys_of(js: JetStreamContext, bucket: str, pattern: str = ">") -> list[str]:
    """Give the keys that a pattern of subjects meets, those of deleted ones too: up to 100,000, the server's page.

    Raises `NotFoundError` where there is no such bucket.
    """
    prefix = f"$KV.{bucket}."
    info = await js.stream_info(f"KV_{bucket}", subjects_filter=prefix + pattern)
    return sorted(subject.removeprefix(prefix) for subject in info.state.subjects or ())


async def value_of(js: JetStreamContext, bucket: str, key: str) -> Value | None:
    """Give what the leader has under a key: a follower may be behind. None where there is nothing, or nothing more."""
    try:
        found = await js.get_last_msg(f"KV_{bucket}", f"$KV.{bucket}.{key}")
    except NotFoundError:
        return None
    if (found.headers or {}).get(_OPERATION):
        return None
    return Value(found.data or b"", found.seq or 0, found.time.timestamp() if found.time else 0.0)
