"""A stream of ours that is not as the settings want it: changed where that loses nothing, else refused with the difference.

A smaller limit makes the server throw away what is above it, and a stream's retention, storage and subjects decide about what
is stored already: these are for a person to change.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from nats.js import JetStreamContext
from nats.js.api import StreamConfig, StreamInfo
from nats.js.errors import APIError

from common.errors import Refused

OWNER = "argosy.io/owner"
"""Metadata key of our streams: who made it."""
MIB = 1024 * 1024

_FIXED = ("subjects", "retention", "storage")
"""What decides about events that are stored already."""
_FREE = (
    "discard",
    "discard_new_per_subject",
    "max_age",
    "max_msgs",
    "max_msg_size",
    "num_replicas",
    "duplicate_window",
    "allow_direct",
)
"""What can be changed without losing an event: the very settings that keep them, above all."""
_FILLED = 0.9
"""How full a stream may be under a smaller limit: events go on coming while it is changed."""
_UNLIMITED = -1


async def reconcile(js: JetStreamContext, found: StreamInfo, wanted: StreamConfig, *, grow: bool = False) -> None:
    """Check that a stream is ours and bring it to what is wanted. `grow`: its size is a wish, not what there was room for.

    Raises `Refused` with every difference that cannot be mended.
    """
    config = found.config
    mark, owner = (wanted.metadata or {})[OWNER], (config.metadata or {}).get(OWNER)
    if owner != mark:
        raise Refused(f"stream {config.name} belongs to {owner or 'somebody else'}, not to {mark}: choose another NATS_STREAM")
    faults = [
        f"{key} is {_told(getattr(config, key))}, wanted is {_told(getattr(wanted, key))}"
        for key in _FIXED
        if _value(config, key) != _value(wanted, key)
    ]
    changes = {key: getattr(wanted, key) for key in _FREE if _value(config, key) != _value(wanted, key)}
    limits = ("max_msgs_per_subject", "max_bytes") if grow else ("max_msgs_per_subject",)
    for key in limits:
        if _value(config, key) == _value(wanted, key):
            continue
        changes[key] = getattr(wanted, key)
        stored = await _stored(js, found, key) if _smaller(config, wanted, key) else 0
        if stored > getattr(wanted, key) * _FILLED:
            faults.append(f"{key} is {getattr(config, key)}, wanted is {getattr(wanted, key)}, but {stored} are stored")
    if faults:
        raise Refused(f"stream {config.name} cannot be changed: {'; '.join(faults)}")
    if changes:
        await _update(js, config, changes)


async def _update(js: JetStreamContext, config: StreamConfig, changes: Mapping[str, Any]) -> None:
    try:
        await js.update_stream(replace(config, **changes))
    except APIError as error:
        told = ", ".join(f"{key} from {_told(getattr(config, key))} to {_told(value)}" for key, value in changes.items())
        raise Refused(f"stream {config.name} cannot be changed ({told}): {error.description}") from error


async def _stored(js: JetStreamContext, found: StreamInfo, key: str) -> int:
    """Give what is stored in the measure of a limit: bytes, or events of the fullest subject."""
    if key == "max_bytes":
        return found.state.bytes
    info = await js.stream_info(str(found.config.name), subjects_filter=">")
    return max((info.state.subjects or {}).values(), default=0)


def _smaller(config: StreamConfig, wanted: StreamConfig, key: str) -> bool:
    before, after = int(_value(config, key)), int(_value(wanted, key))
    return after != _UNLIMITED and (before == _UNLIMITED or after < before)


def _value(config: StreamConfig, key: str) -> Any:  # noqa: ANN401 - of any field
    """Give a setting so that those of the same meaning are equal."""
    value = getattr(config, key)
    if key == "subjects":
        return sorted(value or [])
    if key.startswith("max_"):
        # To the server 0, nothing and -1 are all no limit.
        return value if value and value > 0 else _UNLIMITED
    return value or None


def _told(value: object) -> str:
    return str(getattr(value, "value", value))
