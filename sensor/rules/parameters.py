"""What a parameter must fulfil."""

from collections.abc import Iterator, Sequence

from sensor.rules.fault import Fault, Place
from sensor.spec import Parameter

_OPERATIONS = frozenset({"", "append", "overwrite", "prepend"})


def faults(parameters: Sequence[Parameter], words: str, here: Place = (), *, dest_optional: bool = False) -> Iterator[Fault]:
    """Check a list of parameters; `words` is what Argo Events calls it. A payload over HTTP needs no destination."""
    for index, parameter in enumerate(parameters):
        for field, what in _parameter(parameter, dest_optional=dest_optional):
            yield (*here, index, *field), f"{words} index: {index}. err: {what}"


def _parameter(parameter: Parameter, *, dest_optional: bool) -> Iterator[Fault]:
    if parameter.src is None:
        yield ("src",), "parameter source can't be empty"
    elif not parameter.src.dependency_name:
        yield ("src", "dependencyName"), "parameter dependency name can't be empty"
    elif not parameter.dest and not dest_optional:
        yield ("dest",), "parameter destination can't be empty"
    elif parameter.operation not in _OPERATIONS:
        yield ("operation",), f"parameter operation {parameter.operation} is invalid"
