"""What stands around a trigger: when it counts as done, how fast it may go, when its joins are forgotten."""

from pydantic import Field

from common.documents import Model
from sensor.spec.backoff import BackoffSpec
from sensor.spec.numbers import Int32


class ResourcePolicy(Model):
    """The labels that the object must carry, and how long to wait for them."""

    labels: dict[str, str] | None = None
    backoff: BackoffSpec | None = None
    error_on_backoff_timeout: bool = False


class StatusPolicy(Model):
    """The HTTP statuses that count as success."""

    allow: tuple[Int32, ...] | None = None


class TriggerPolicy(Model):
    """When an action counts as a success; one of these."""

    k8s: ResourcePolicy | None = Field(default=None, alias="k8s")
    status: StatusPolicy | None = None


SECONDS = {"Minute": 60, "Hour": 3600}


class RateLimit(Model):
    """How many requests a unit of time may see: Second (default, and what any other word means), Minute or Hour."""

    unit: str = ""
    requests_per_unit: Int32 = 0

    @property
    def seconds(self) -> int:
        """The unit in seconds."""
        return SECONDS.get(self.unit, 1)

    @property
    def interval(self) -> int:
        """The nanoseconds from one request to the next, as Argo Events rounds them; 0 where nothing is limited."""
        if self.requests_per_unit <= 0:
            return 0
        return self.seconds * 10**9 // self.requests_per_unit


class ByTime(Model):
    """A time, by cron with five fields; without a zone UTC."""

    cron: str = ""
    timezone: str = ""


class ConditionsReset(Model):
    """When the events that wait for others are let go."""

    by_time: ByTime | None = None
