"""What stands around a trigger: when it counts as done, how fast it may go, when its joins are forgotten."""

from pydantic import Field

from common.documents import Model
from sensor.spec.backoff import BackoffSpec


class ResourcePolicy(Model):
    """The labels that the object must carry, and how long to wait for them."""

    labels: dict[str, str] | None = None
    backoff: BackoffSpec | None = None
    error_on_backoff_timeout: bool = False


class StatusPolicy(Model):
    """The HTTP statuses that count as success."""

    allow: tuple[int, ...] | None = None


class TriggerPolicy(Model):
    """When an action counts as a success; one of these."""

    k8s: ResourcePolicy | None = Field(default=None, alias="k8s")
    status: StatusPolicy | None = None


class RateLimit(Model):
    """How many requests a unit of time may see: Second (default), Minute or Hour."""

    unit: str = ""
    requests_per_unit: int = 0


class ByTime(Model):
    """A time, by cron with five fields; without a zone UTC."""

    cron: str = ""
    timezone: str = ""


class ConditionsReset(Model):
    """When the events that wait for others are let go."""

    by_time: ByTime | None = None
