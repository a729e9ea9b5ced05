"""A part of the document as JSON values again, as Argo Events writes it before parameters are set in it.

Go's encoding/json leaves empty fields out, but for those that the types of Argo Events always write (the tags without
`omitempty` in sensor_types.go of v1.9.11). A parameter sees the difference: it appends to what is there.
"""

from collections.abc import Mapping
from typing import Any

from common.documents import Model
from sensor.spec.kinds import HttpTrigger, NatsTrigger
from sensor.spec.models import TriggerTemplate
from sensor.spec.parameters import Parameter, Source
from sensor.spec.policy import ResourcePolicy
from sensor.spec.sources import KeySelector

ALWAYS: Mapping[type[Model], frozenset[str]] = {
    TriggerTemplate: frozenset({"name"}),
    HttpTrigger: frozenset({"url", "payload", "host"}),
    NatsTrigger: frozenset({"url", "subject", "payload"}),
    Parameter: frozenset({"dest"}),
    Source: frozenset({"dependency_name"}),
    KeySelector: frozenset({"key"}),
    ResourcePolicy: frozenset({"backoff", "error_on_backoff_timeout"}),
}
"""The fields that are written also when they are empty."""


def encoded(part: Model) -> dict[str, Any]:
    """Give a part of the document as JSON values. Unknown fields are gone by now, and keys are written as Go writes them."""
    written = {}
    always = ALWAYS.get(type(part), frozenset())
    for name, field in type(part).model_fields.items():
        value = getattr(part, name)
        if name in always or not _empty(value, field.default):
            written[field.alias or name] = _value(value)
    return written


def _empty(value: Any, default: Any) -> bool:  # noqa: ANN401 - a field of any type
    """Say whether Go leaves the value out: a pointer (default None) where there is none, lists and maps also when empty."""
    if value is None or (isinstance(value, list | tuple | dict) and not value):
        return True
    return default is not None and bool(value == default)


def _value(value: Any) -> Any:  # noqa: ANN401 - a field of any type
    if isinstance(value, Model):
        return encoded(value)
    if isinstance(value, list | tuple):
        return [_value(item) for item in value]
    return value
