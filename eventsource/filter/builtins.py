"""The builtins that take values, by name; those that take a closure are in `loops`."""

from collections.abc import Callable, Mapping

from eventsource.filter import encodings, figures, lists, maps, strings, times
from eventsource.filter.values import Value

COSTS = {"date": 40, "duration": 5, "fromJSON": 5, "toJSON": 15, "string": 5, "toPairs": 2, "now": 3}
"""Steps that a call takes whatever it is given; 1 for all others."""

CALLS: Mapping[str, Callable[..., Value]] = {
    **strings.CALLS,
    **figures.CALLS,
    **lists.CALLS,
    **maps.CALLS,
    **encodings.CALLS,
    **times.CALLS,
}
