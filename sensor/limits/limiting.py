"""The limits of a whole sensor: what its triggers share, and those of each trigger, made of its document."""

import asyncio
from collections.abc import Callable, Mapping

from common.bus import Bus
from common.bus.streams import LIMITS_MAX_BYTES, prepare_bucket
from common.service import Attendant
from common.subjects import safe
from sensor.limits.active import selector
from sensor.limits.cell import BusCell
from sensor.limits.inflight import InFlight
from sensor.limits.pause import Paused, Pauses
from sensor.limits.rate import Rate
from sensor.limits.slots import Slots
from sensor.limits.trigger import Limits
from sensor.limits.watching import Watching
from sensor.limits.window import Window
from sensor.metrics import LimitMetrics
from sensor.ports import Overview, Reach
from sensor.spec import RateLimit


class Limiting:
    """Makes the limits of the triggers of one sensor. `changed` is called when one of them lets more through."""

    def __init__(
        self, bus: Bus, owner: tuple[str, str], cluster: Overview, *, stop: asyncio.Event, changed: Callable[[], None]
    ) -> None:
        self._bus = bus
        self._namespace, self._sensor = owner
        self._cluster = cluster
        self._stop = stop
        self._changed = changed
        paused = Paused(*owner)
        self._pauses = Pauses(self._cell(paused.key), paused, changed)
        self._attendants: dict[str, Attendant] = {"pause": self._pauses.keep}

    @property
    def attendants(self) -> Mapping[str, Attendant]:
        """What has to run beside the triggers."""
        return self._attendants

    async def prepare(self) -> None:
        """Make sure of the bucket, and ask what is paused before anything is fetched."""
        await prepare_bucket(self._bus.jetstream, self._bus.names.limits, self._bus.config, max_bytes=LIMITS_MAX_BYTES)
        await self._pauses.load()

    def of(self, trigger: str, rate: RateLimit | None = None, most: int | None = None, reach: Reach | None = None) -> Limits:
        """Make the limits of a trigger. `most` is its `maxActive`, and `reach` says where it creates its objects."""
        key = f"{safe(self._namespace)}.{safe(self._sensor)}.{safe(trigger)}"
        slots = None if most is None or reach is None else self._slots(trigger, f"slots.{key}", most, reach)
        permits = None
        if rate is not None and rate.requests_per_unit > 0:
            permits = Rate(self._cell(f"rate.{key}"), Window(rate.seconds, rate.requests_per_unit), self._stop)
        limits = Limits(trigger, self._pauses, permits, slots)
        LimitMetrics(self._namespace, self._sensor, trigger).follow(
            paused=lambda: limits.is_paused,
            limited=lambda: permits is not None and permits.soon() <= 0,
            active=lambda: len(slots.taken) if slots else 0,
            cap=most or 0,
        )
        return limits

    def _slots(self, trigger: str, key: str, most: int, reach: Reach) -> Slots:
        watching = Watching(self._cluster, reach, selector(self._sensor, trigger))
        slots = Slots(self._cell(key), most, watching, self._stop, self._changed)
        self._attendants[f"watch {trigger}"] = watching.run
        self._attendants[f"slots {trigger}"] = slots.keep
        return slots

    def _cell(self, key: str) -> BusCell:
        return BusCell(self._bus, self._bus.names.limits, key)


def paced(most: int) -> InFlight:
    """Make the limit of requests in flight, and its gauge."""
    in_flight = InFlight(most)
    LimitMetrics.in_flight.set_function(lambda: in_flight.limit)
    return in_flight
