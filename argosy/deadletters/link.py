"""The tool's connection to the bus, by the settings of the pods and what the command line says in their place."""

from collections.abc import Awaitable, Callable, Mapping
from typing import TypeVar

from common import settings
from common.bus import Bus, bus_config
from common.errors import Unavailable
from common.health import Condition
from common.log import configure
from common.service import first
from common.settings import BusSettings
from common.subjects import Names

WITHIN = 10.0
"""Seconds until the bus has to be there."""
T = TypeVar("T")


async def with_bus(over: Mapping[str, object], work: Callable[[Bus], Awaitable[T]]) -> T:
    """Connect, work, and close. `over`: fields of `BusSettings` in place of the environment's.

    Raises `ConfigurationError` for bad settings, `Unavailable` if there is no bus, and what the work raises.
    """
    configure(level="error", service="argosy")
    given = settings.read(BusSettings).model_copy(update=dict(over))
    names, condition = Names(given.stream, given.subject_prefix), Condition("bus", "no answer")
    bus = Bus(bus_config(given), names, title="argosy deadletters", prepare=_ask, condition=condition)
    done: list[T] = []

    async def worked() -> None:
        if not await first(bus.wait_connected(), timeout=WITHIN):
            raise Unavailable(f"no bus at {', '.join(bus.config.servers)}: {condition.why}")
        done.append(await work(bus))

    await first(bus.run(), worked())
    return done[0]


async def _ask(bus: Bus) -> None:
    """Make nothing; only see that JetStream is on."""
    await bus.jetstream.account_info()
