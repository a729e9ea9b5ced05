"""The bus' side of a trigger: a durable pull consumer, made once and found again, and the loop that keeps it busy.

`durable` makes, takes over or makes anew the consumer; `pull` asks for as much as there is room for; `delivery` is a message
in hand; `consumer` keeps all of it going; `replayed` is what comes back from
the dead letters; `wire` knows the protocol's bytes.
"""

from sensor.consume.consumer import Consumer
from sensor.consume.durable import Channel

__all__ = ["Channel", "Consumer"]
