"""Walk the body of a template and write what it says."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from common.sprig import Struct, type_of
from common.sprig.printing import show, sorted_keys
from common.sprig.values import SprigError, is_empty
from sensor.templates.errors import Fault
from sensor.templates.limits import Budget
from sensor.templates.nodes import Action, Body, Break, Continue, If, Include, Literal, Node, Range
from sensor.templates.values import MISSING, Reckoner


class _BreakError(Exception):
    """Leave the range."""


class _ContinueError(Exception):
    """Go on with the next item."""


class Walker:
    """Writes one body; those that it includes get a walker each and share output and budget."""

    def __init__(self, bodies: Mapping[str, Body], out: list[str], budget: Budget, dot: Any, depth: int = 0) -> None:  # noqa: ANN401
        self._bodies = bodies
        self._out = out
        self._budget = budget
        self._depth = depth
        self._reckoner = Reckoner(dot, budget)

    def body(self, dot: Any, body: Body) -> None:  # noqa: ANN401 - any Go value
        """Write a body."""
        for node in body:
            self._budget.step(node.at)
            _WRITERS[type(node)](self, dot, node)

    def literal(self, _: Any, node: Literal) -> None:  # noqa: ANN401 - any Go value
        """Write a text as it is."""
        self._write(node.text, node.at)

    def action(self, dot: Any, node: Action) -> None:  # noqa: ANN401 - any Go value
        """Write the value of a pipeline, unless it sets variables."""
        value = self._reckoner.pipe(dot, node.pipe)
        if not node.pipe.variables:
            try:
                self._write("<no value>" if value is MISSING else show(value), node.at)
            except SprigError as error:
                raise Fault(str(error), node.at) from error

    def condition(self, dot: Any, node: If) -> None:  # noqa: ANN401 - any Go value
        """Write `if` and `with`."""
        variables = self._reckoner.variables
        known = len(variables)
        value = self._reckoner.pipe(dot, node.pipe)
        if value is not MISSING and not is_empty(value):
            self.body(value if node.sets_dot else dot, node.body)
        else:
            self.body(dot, node.otherwise)
        del variables[known:]

    def range(self, dot: Any, node: Range) -> None:  # noqa: ANN401 - any Go value
        """Write a body for each item."""
        variables = self._reckoner.variables
        known = len(variables)
        value = self._reckoner.pipe(dot, node.pipe)
        inside, ran = len(variables), False
        try:
            for key, item in _items(value, node):
                ran = True
                self._budget.step(node.at)
                self._set(node, key, item, inside)
                try:
                    self.body(item, node.body)
                except _ContinueError:
                    pass
                finally:
                    del variables[inside:]
        except _BreakError:
            pass
        if not ran:
            self.body(dot, node.otherwise)
        del variables[known:]

    def _set(self, node: Range, key: Any, item: Any, top: int) -> None:  # noqa: ANN401 - any Go value
        """Set the variables of a range: the last one to the item, one in front of it to the key."""
        names = node.pipe.variables
        if not names:
            return
        values = (key, item) if len(names) > 1 else (item,)
        for number, (name, value) in enumerate(zip(names, values, strict=True)):
            if node.pipe.assigns:
                self._reckoner.set(name, value, node.at)
            else:
                self._reckoner.variables[top - len(names) + number] = (name, value)

    def include(self, dot: Any, node: Include) -> None:  # noqa: ANN401 - any Go value
        """Write another body; it knows no variables of this one."""
        if node.name not in self._bodies:
            raise Fault(f"template {node.name!r} not defined", node.at)
        if self._depth >= self._budget.limits.depth:
            raise Fault(f"exceeded maximum template depth ({self._budget.limits.depth})", node.at)
        value = MISSING if node.pipe is None else self._reckoner.pipe(dot, node.pipe)
        self._budget.look(node.at)
        inner = Walker(self._bodies, self._out, self._budget, value, self._depth + 1)
        inner.body(value, self._bodies[node.name])

    def leave(self, _: Any, node: Break) -> None:  # noqa: ANN401, ARG002 - any Go value
        """Leave the range."""
        raise _BreakError

    def go_on(self, _: Any, node: Continue) -> None:  # noqa: ANN401, ARG002 - any Go value
        """Go on with the next item."""
        raise _ContinueError

    def _write(self, text: str, at: int) -> None:
        self._budget.write(len(text), at)
        self._out.append(text)


def _items(value: Any, node: Range) -> Iterator[tuple[Any, Any]]:  # noqa: ANN401 - any Go value
    """Give the keys and items to range over."""
    if value is MISSING:
        return iter(())
    if isinstance(value, dict):
        return ((key, value[key]) for key in sorted_keys(value) if key in value)
    if isinstance(value, list):
        return iter(list(enumerate(value)))
    if isinstance(value, bool) or not isinstance(value, int) or isinstance(value, Struct):
        raise Fault(f"range can't iterate over a value of type {type_of(value)}", node.at)
    if len(node.pipe.variables) > 1:
        raise Fault("can't use a number to iterate over more than one variable", node.at)
    kind = type(value)
    return ((MISSING, kind(number)) for number in range(value))


_WRITERS: dict[type[Node], Callable[[Walker, Any, Any], None]] = {
    Literal: Walker.literal,
    Action: Walker.action,
    If: Walker.condition,
    Range: Walker.range,
    Include: Walker.include,
    Break: Walker.leave,
    Continue: Walker.go_on,
}
