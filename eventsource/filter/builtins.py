"""The builtins that take values, by name; those that take a closure are in `loops`."""

from collections.abc import Callable, Mapping

from eventsource.filter import encodings, figures, lists, maps, strings, times
from eventsource.filter.values import Value

CALLS: Mapping[str, Callable[..., Value]] = {
    **strings.CALLS,
    **figures.CALLS,
    **lists.CALLS,
    **maps.CALLS,
    **encodings.CALLS,
    **times.CALLS,
}
