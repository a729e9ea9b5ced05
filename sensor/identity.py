"""Who a firing is: one hash over what fired what, and the name of the object that follows from it.

The same event fires the same trigger under the same name, from any pod and in any release: this file must not change what
it answers.
"""

import base64
import hashlib
from collections.abc import Mapping

import orjson

from common.cloudevent import CloudEvent

FIRING = "argosy.io/firing"
"""Annotation that holds the full hash: an object is ours when it holds this very one."""
EVENTS = "argosy.io/event-id"
"""Annotation for people: the ids of the events that fired."""
MESSAGE = "argosy.io/sqs-message-id"
"""Annotation for people: the MessageIds, as SQS writes them."""
LABEL_SENSOR = "events.argoproj.io/sensor"
LABEL_TRIGGER = "events.argoproj.io/trigger"
LABEL_TIME = "events.argoproj.io/action-timestamp"
"""The labels that Argo Events sets; they win over the object's own."""
_LONGEST_NAME = 63
_SUFFIX = 20
_SUFFIX_BYTES = 15
_ID_DIGITS = 32


def firing(namespace: str, sensor: str, trigger: str, events: Mapping[str, CloudEvent]) -> str:
    """Hash a firing: SHA-256 in hex over namespace, sensor, trigger and its events, by dependency."""
    used = sorted([name, event.source, event.subject, event.id] for name, event in events.items())
    return hashlib.sha256(orjson.dumps([namespace, sensor, trigger, used])).hexdigest()


def instead_of(trigger: str) -> str:
    """Name a trigger's dlqTrigger among triggers: its own name may be that of others, or of the trigger itself."""
    return f"{trigger}/dlqTrigger"


def replayed(digest: str, times: int) -> str:
    """Name an event that comes to a join again, replayed so many times: the ledger knows it by its first name already."""
    return hashlib.sha256(f"{digest}/{times}".encode()).hexdigest() if times else digest


def object_name(prefix: str, digest: str) -> str:
    """Name the object: what stands in `generateName`, cut to fit, and 20 base32 characters of the hash."""
    suffix = base64.b32encode(bytes.fromhex(digest[: 2 * _SUFFIX_BYTES])).decode("ascii").lower()[:_SUFFIX]
    return prefix[: _LONGEST_NAME - _SUFFIX] + suffix


def message_id(event: CloudEvent) -> str:
    """Give the MessageId as SQS writes it; the event's id is its hex digits. Empty where the event is not from SQS."""
    if event.type != "sqs" or len(event.id) != _ID_DIGITS:
        return ""
    digits = event.id
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"
