"""`exprs`: expressions over values of the event. Only the truth itself passes; any other value is a no."""

from dataclasses import dataclass

from sensor.dependencies.filters import govaluate
from sensor.dependencies.filters.combine import Skipped
from sensor.dependencies.filters.govaluate.printing import shown
from sensor.dependencies.filters.model import ExprFilter, FilterError, Rejected, brief, cut
from sensor.paths import Path, compile_path, get


@dataclass(frozen=True, slots=True)
class Prepared:
    """An expression made ready: its fields in order, and the expression or why it is none."""

    text: str
    fields: tuple[tuple[str, str, Path], ...]
    expression: govaluate.Expression | None
    fault: str

    @classmethod
    def of(cls, given: ExprFilter) -> "Prepared":
        """Compile one entry. One that cannot be compiled is an error with each event, as in Go."""
        fields = tuple((field.name, field.path, compile_path(field.path)) for field in given.fields)
        try:
            return cls(given.expr, fields, govaluate.compile_expression(given.expr), "")
        except govaluate.Malformed as error:
            return cls(given.expr, fields, None, str(error))


def judge(entry: Prepared, data: bytes) -> Rejected | None:
    """Evaluate one expression. Raises `FilterError`; `Skipped` where it names no field."""
    names = {}
    for name, path, compiled in entry.fields:
        found = get(data, compiled)
        if not found.exists:
            raise FilterError(f"path '{path}' does not exist")
        names[name] = found.value
    if not names:
        raise Skipped
    if entry.expression is None:
        raise FilterError(entry.fault)
    try:
        value = entry.expression.evaluate(names)
    except govaluate.Failed as error:
        raise FilterError(str(error)) from error
    if value is True:
        return None
    fields = ", ".join(path for _, path, _ in entry.fields)
    values = ", ".join(f"{name} = {_told(value)}" for name, value in names.items())
    return Rejected("exprs", fields, values, f"{entry.text} is {_told(value)}")


def _told(value: object) -> str:
    return brief(value) if isinstance(value, str) else cut(shown(value))
