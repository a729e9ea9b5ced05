"""What we keep on the bus: made where it is missing, reconciled where it is ours, left alone where it is not.

The stream of events keeps everything until it is purged by the register's floors (`common.bus.purge`): limits retention,
discard new, no age. Interest retention would confirm a publish without storing it while no consumer exists.
"""

from dataclasses import dataclass, replace

from nats.js import JetStreamContext
from nats.js.api import (
    AccountInfo,
    DiscardPolicy,
    RetentionPolicy,
    StorageType,
    StreamConfig,
    StreamInfo,
)
from nats.js.errors import APIError, NotFoundError

from common.bus.config import BusConfig
from common.bus.reconcile import MIB, OWNER, reconcile
from common.errors import Refused
from common.subjects import Names

EVENTS_MAX_BYTES = 1024 * MIB
LEDGER_MAX_BYTES = 512 * MIB
DEADLETTERS_MAX_BYTES = 512 * MIB
REPLAYS_MAX_BYTES = 64 * MIB
BUCKET_MAX_BYTES = 64 * MIB
JOINS_MAX_BYTES = 256 * MIB
LIMITS_MAX_BYTES = 16 * MIB
SMALLEST = 8 * MIB
"""Below this a stream is not worth making: the account is full."""

DUPLICATE_WINDOW = 30 * 60.0
"""Seconds in which the bus knows a `Nats-Msg-Id` again."""
LEDGER_AGE = 24 * 3600.0
"""Seconds for which the ledger remembers a firing."""
ATTEMPTS_AGE = 14 * 24 * 3600.0
"""Seconds for which failed attempts are remembered: as long as SQS can keep a message."""

_NO_STORAGE = frozenset({10023, 10028, 10047})
"""JetStream: insufficient resources; resource limits exceeded for the account; insufficient storage (server/errors.json)."""
_NAME_IN_USE, _SUBJECTS_OVERLAP = 10058, 10065


@dataclass(frozen=True, slots=True)
class EventStream:
    """The stream of events as it was found or made. A foreign one is never changed."""

    name: str
    foreign: bool
    warnings: tuple[str, ...] = ()


async def prepare_events(js: JetStreamContext, names: Names, config: BusConfig) -> EventStream:
    """Make sure that the stream of events is there. Raises `Refused` if it belongs to another install."""
    wanted = StreamConfig(
        name=names.stream,
        subjects=[names.every_event],
        retention=RetentionPolicy.LIMITS,
        discard=DiscardPolicy.NEW,
        discard_new_per_subject=True,
        max_msgs_per_subject=config.max_msgs_per_subject,
        max_bytes=config.max_bytes or EVENTS_MAX_BYTES,
        duplicate_window=DUPLICATE_WINDOW,
        storage=StorageType.FILE,
        num_replicas=config.replicas,
        allow_direct=True,
        metadata={OWNER: config.owner},
    )
    found = await _find(js, names.stream)
    if found is None:
        share = 1 if config.max_bytes else 2
        found = await _create(js, wanted, share=share)
    owner = (found.config.metadata or {}).get(OWNER)
    if owner is None:
        return EventStream(names.stream, foreign=True, warnings=tuple(_foreign_warnings(found.config)))
    await reconcile(js, found, wanted, grow=bool(config.max_bytes))
    return EventStream(names.stream, foreign=False, warnings=tuple(_own_warnings(wanted)))


async def prepare_ledger(js: JetStreamContext, names: Names, config: BusConfig) -> None:
    """Make sure that the ledger is there. When it is full the oldest firings are forgotten first."""
    wanted = _private(names.ledger, [f"argosy.{names.ledger}.*"], LEDGER_MAX_BYTES, config)
    await _ensure(js, replace(wanted, discard=DiscardPolicy.OLD, max_age=LEDGER_AGE))


async def prepare_deadletters(js: JetStreamContext, names: Names, config: BusConfig) -> None:
    """Make sure that the dead letters are there. When they are full nothing is parked: it stays where it is."""
    wanted = _private(names.deadletters, [f"argosy.{names.deadletters}.>"], DEADLETTERS_MAX_BYTES, config)
    await _ensure(js, replace(wanted, duplicate_window=DUPLICATE_WINDOW))


async def prepare_replays(js: JetStreamContext, names: Names, config: BusConfig) -> None:
    """Make sure of the way back from the dead letters: what its trigger has acked leaves, and what nobody takes waits."""
    wanted = _private(names.replays, [f"argosy.{names.replays}.>"], REPLAYS_MAX_BYTES, config)
    await _ensure(js, replace(wanted, retention=RetentionPolicy.WORK_QUEUE, duplicate_window=DUPLICATE_WINDOW))


async def prepare_bucket(
    js: JetStreamContext, bucket: str, config: BusConfig, *, max_age: float = 0, max_bytes: int = BUCKET_MAX_BYTES
) -> None:
    """Make sure that a key-value bucket is there, as clients expect one: stream `KV_<bucket>`, one value a key."""
    wanted = _private(f"KV_{bucket}", [f"$KV.{bucket}.>"], max_bytes, config)
    await _ensure(
        js,
        replace(
            wanted,
            max_msgs_per_subject=1,
            discard_new_per_subject=False,
            allow_rollup_hdrs=True,
            deny_delete=True,
            max_age=max_age,
            duplicate_window=120.0,
        ),
    )


def _private(name: str, subjects: list[str], max_bytes: int, config: BusConfig) -> StreamConfig:
    return StreamConfig(
        name=name,
        subjects=subjects,
        retention=RetentionPolicy.LIMITS,
        discard=DiscardPolicy.NEW,
        max_bytes=max_bytes,
        storage=StorageType.FILE,
        num_replicas=config.replicas,
        allow_direct=True,
        duplicate_window=120.0,
        metadata={OWNER: config.owner},
    )


async def _ensure(js: JetStreamContext, wanted: StreamConfig) -> None:
    found = await _find(js, str(wanted.name))
    if found is None:
        found = await _create(js, wanted, share=8)
    await reconcile(js, found, wanted)


async def _find(js: JetStreamContext, name: str) -> StreamInfo | None:
    try:
        return await js.stream_info(name)
    except NotFoundError:
        return None


async def _create(js: JetStreamContext, wanted: StreamConfig, *, share: int) -> StreamInfo:
    """Create with as many bytes as there is room for: at most one `share`-th of what is free.

    The account may have no limit while the server has one, which only shows when a size is refused.
    """
    size = min(int(wanted.max_bytes or 0), _free(await js.account_info()) // share)
    refused = False
    while size >= SMALLEST:
        try:
            made = await js.add_stream(replace(wanted, max_bytes=size))
        except APIError as error:
            if error.err_code == _NAME_IN_USE:
                # Somebody was faster, with another size perhaps: theirs is looked at like any that was found.
                return await js.stream_info(str(wanted.name))
            if error.err_code == _SUBJECTS_OVERLAP:
                raise Refused(await _overlap(js, wanted)) from error
            if error.err_code not in _NO_STORAGE:
                raise Refused(f"stream {wanted.name} cannot be made: {error.description}") from error
            refused, size = True, size // 2
        else:
            # What fitted after a refusal may be all that there is: leave the others their part.
            return await js.update_stream(replace(made.config, max_bytes=max(SMALLEST, size // share))) if refused else made
    raise Refused(f"stream {wanted.name}: the bus has no {SMALLEST // MIB} MiB of storage left for it")


async def _overlap(js: JetStreamContext, wanted: StreamConfig) -> str:
    """Say whose the subjects are."""
    subjects = ", ".join(wanted.subjects or [])
    names = [await js.find_stream_name_by_subject(subject) for subject in wanted.subjects or []]
    owners = [(await js.stream_info(name)).config.metadata or {} for name in names]
    whose = ", ".join(f"{name} (of {owner.get(OWNER, 'somebody else')})" for name, owner in zip(names, owners, strict=True))
    mark = (wanted.metadata or {})[OWNER]
    return f"stream {wanted.name} of {mark}: its subjects {subjects} are in stream {whose}: choose another NATS_SUBJECT_PREFIX"


def _free(account: AccountInfo) -> int:
    limit = account.limits.max_storage
    return EVENTS_MAX_BYTES * 8 if limit < 0 else max(0, limit - account.storage)


def _own_warnings(config: StreamConfig) -> list[str]:
    if (config.num_replicas or 1) > 1:
        return []
    # The server does not tell its clients whether it syncs each write (https://docs.nats.io, sync_interval).
    return [f"stream {config.name} has one replica: it survives a crash of the machine only with sync_interval: always"]


def _foreign_warnings(config: StreamConfig) -> list[str]:
    warnings = []
    limited = any((limit or 0) > 0 for limit in (config.max_msgs, config.max_bytes, config.max_age))
    if config.discard == DiscardPolicy.OLD and limited:
        warnings.append(f"stream {config.name} is not ours and throws the oldest events away when it is full, read or not")
    if config.retention != RetentionPolicy.LIMITS:
        warnings.append(f"stream {config.name} is not ours and keeps events only while a consumer wants them")
    return warnings
