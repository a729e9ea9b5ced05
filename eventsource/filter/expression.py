"""One filter: compiled once, asked about each event."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from common.sprig import FUNCTIONS, SYSTEM, Ambient, functions
from eventsource.filter.budget import STEPS, STEPS_OF_A_BYTE, Frame
from eventsource.filter.checker import check
from eventsource.filter.compiler import compile_node
from eventsource.filter.environment import additions, environment
from eventsource.filter.errors import ExpressionError, Fault, FilterError
from eventsource.filter.optimizer import optimize
from eventsource.filter.parser import parse
from eventsource.filter.values import Value, type_name


@dataclass(frozen=True, slots=True)
class Filter:
    """Says which events pass. Ask it as often as you like; it keeps nothing of them."""

    text: str
    _run: Callable[[Frame], Value]
    _added: Mapping[str, Value]
    _now: Callable[[], int]

    def passes(self, data: bytes) -> bool:
        """Say whether the event with this data is wanted. Raises `FilterError`, which is not a no."""
        try:
            frame = Frame(environment(data, self._added), self._now, steps=STEPS + STEPS_OF_A_BYTE * len(data))
            answer = self._run(frame)
        except Fault as fault:
            raise FilterError(fault.message, fault.place) from None
        except RecursionError:
            raise FilterError("the data or the expression is nested too deeply") from None
        except (ArithmeticError, AttributeError, LookupError, MemoryError, TypeError, ValueError) as error:
            # The Go library recovers from every panic; what we did not think of is an answer that we do not have.
            raise FilterError(f"{type(error).__name__}: {error}") from error
        if answer is True or answer is False:
            return bool(answer)
        raise FilterError(f"the answer is {type_name(answer)}, not bool")


def compile(text: str, ambient: Ambient = SYSTEM) -> Filter:  # noqa: A001 - read as `filter.compile`
    """Read an expression. Raises `ExpressionError`, a ValueError, with the place in the text.

    `ambient`: the clock behind `now()`, and what else functions of sprig may know of the world.
    """
    try:
        node = parse(text)
        check(node)
        run = compile_node(optimize(node))
    except RecursionError:
        raise ExpressionError("the expression is nested too deeply") from None
    known = FUNCTIONS if ambient is SYSTEM else functions(ambient)
    return Filter(text, run, additions(known), ambient.now)
