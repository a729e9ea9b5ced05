"""A function that templates and filter expressions may call, with the Go types that it wants.

The types are read off the annotations of the Python function: `str`, `bool`, `int`, `float`, `Int64`… want just that Go
type, `dict[str, Any]` a `map[string]interface {}`, `object` takes anything. `*rest` makes it variadic.
"""

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, get_type_hints

from common.sprig.values import ANY, MAX_ITEMS, MAX_TEXT, Map, Sized, SprigError, Struct, type_of

_PLAIN = {str: "string", bool: "bool", int: "int", float: "float64", dict[str, Any]: f"map[string]{ANY}", list[Any]: f"[]{ANY}"}
_NILLABLE = (ANY, "map", "[]", "*")


@dataclass(frozen=True, slots=True)
class Function:
    """One function. Call it with Go-like values; it raises nothing but `SprigError`.

    `parameters`: the Go types that it wants, the last one of any number of arguments if it is `variadic`.
    `refused`: why it may not be called at all, if it may not; calling it raises just that.
    """

    name: str
    parameters: tuple[str, ...]
    variadic: bool
    run: Callable[..., Any]
    refused: str = ""

    def wants(self, number: int) -> str:
        """Name the type of the argument with this number, from 0; empty where there is none."""
        if number < len(self.parameters) - self.variadic:
            return self.parameters[number]
        return self.parameters[-1] if self.variadic else ""

    def fault(self, count: int) -> str:
        """Say what is wrong with this number of arguments; empty if nothing is."""
        least = len(self.parameters) - self.variadic
        if count < least or (count > least and not self.variadic):
            return f"wrong number of args for {self.name}: want {'at least ' if self.variadic else ''}{least} got {count}"
        return ""

    def __call__(self, *values: Any) -> Any:  # noqa: ANN401 - any Go value
        """Call with any values; those of a wrong type are refused as Go refuses them."""
        fault = self.refused or self.fault(len(values))
        if fault:
            raise SprigError(fault)
        return self.call([assign(value, self.wants(number)) for number, value in enumerate(values)])

    def call(self, values: list[Any]) -> Any:  # noqa: ANN401 - any Go value
        """Call with values whose number and types are right."""
        try:
            result = self.run(*values)
        except SprigError:
            raise
        except RecursionError as error:
            raise SprigError(f"{self.name}: the value is nested too deeply") from error
        except (ArithmeticError, AttributeError, LookupError, MemoryError, TypeError, ValueError) as error:
            raise SprigError(f"{self.name}: {error}") from error
        if isinstance(result, str | list | dict) and len(result) > (MAX_TEXT if isinstance(result, str) else MAX_ITEMS):
            raise SprigError(f"{self.name}: the result is too large")
        return result


def assign(value: Any, wanted: str) -> Any:  # noqa: ANN401 - any Go value
    """Give the value as an argument of the wanted type. Raises `SprigError` where Go would not take it."""
    if wanted == ANY:
        return value
    if value is None:
        if wanted.startswith(_NILLABLE):
            return Map(nil=True) if wanted.startswith("map") else None
        raise SprigError(f"invalid value; expected {wanted}")
    got = type_of(value)
    if got != wanted:
        raise SprigError(f"wrong type for value; expected {wanted}; got {got}")
    return value


def function(name: str, run: Callable[..., Any], *bound: object) -> Function:
    """Make a function of a Python one. `bound`: values for its first parameters, which callers do not see."""
    hints = get_type_hints(run)
    signature = list(inspect.signature(run).parameters.values())[len(bound) :]
    return Function(
        name=name,
        parameters=tuple(_go_type(hints[parameter.name]) for parameter in signature),
        variadic=bool(signature) and signature[-1].kind is inspect.Parameter.VAR_POSITIONAL,
        run=(lambda *values: run(*bound, *values)) if bound else run,
    )


def family(functions: Mapping[str, Callable[..., Any]], *bound: object) -> dict[str, Function]:
    """Make functions of Python ones, by name."""
    return {name: function(name, run, *bound) for name, run in functions.items()}


def refusal(name: str, why: str) -> Function:
    """Make a function that is known, and refused."""
    return Function(name, (ANY,), variadic=True, run=lambda *_: None, refused=f"function {name!r} is refused: {why}")


def _go_type(hint: Any) -> str:  # noqa: ANN401 - any annotation
    if isinstance(hint, type) and issubclass(hint, Sized | Struct):
        return hint.go_type
    return _PLAIN.get(hint, ANY)
