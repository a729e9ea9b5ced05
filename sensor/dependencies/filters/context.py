"""`context`: what the event's context must be, word for word."""

from common.cloudevent import CloudEvent
from sensor.dependencies.filters.model import ContextFilter, Rejected, brief

_NAMES = ("type", "subject", "source", "datacontenttype")


def judge(wanted: ContextFilter, event: CloudEvent) -> Rejected | None:
    """Compare the context; an attribute for which nothing is wanted may be anything."""
    for name in _NAMES:
        want, got = getattr(wanted, name), getattr(event, name)
        if want and want != got:
            return Rejected("context", name, brief(got), f"wanted is {brief(want)}")
    return None
