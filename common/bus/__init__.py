"""The bus: one NATS connection with JetStream, what we keep there, and its upkeep.

`config` turns settings into one value; `connection` connects for ever; `pubacks` publishes and waits for the
confirmation; `streams` makes what we need and leaves alone what is not ours; `register` and `purge` keep the stream of
events as long as somebody needs it and no longer.
"""

from common.bus.config import BusConfig, bus_config
from common.bus.connection import Bus
from common.bus.pubacks import PubAck

__all__ = ["Bus", "BusConfig", "PubAck", "bus_config"]
