"""What holds a trigger back although its target would take more: pause, `rateLimit`, `maxActive`, and an overloaded server.

`limiting` puts it together: a `trigger` has a `pause`, a `rate` with its `window` and `clock`, and `slots` that follow what is
`active` by `watching` it. Each is one value on the bus, a `cell`, that all replicas change. `inflight` is each replica's own.
"""

from sensor.limits.inflight import InFlight, Paced
from sensor.limits.limiting import Limiting, paced
from sensor.limits.trigger import Limits

__all__ = ["InFlight", "Limiting", "Limits", "Paced", "paced"]
