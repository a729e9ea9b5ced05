"""All functions by name."""

from collections.abc import Mapping
from types import MappingProxyType

from common.sprig import strings
from common.sprig.ambient import Ambient
from common.sprig.function import Function, family

_PURE = (strings.FUNCTIONS,)


def functions(ambient: Ambient) -> Mapping[str, Function]:  # noqa: ARG001 - the families that need it come next
    """Give all functions, in a world of one's choice."""
    made: dict[str, Function] = {}
    for each in _PURE:
        made |= family(each)
    return MappingProxyType(made)
