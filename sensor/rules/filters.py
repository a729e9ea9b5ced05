"""What filters must fulfil beyond their shape: Argo Events' rules, in its order and its words."""

from collections.abc import Iterator

from sensor.dependencies.filters import TimeFilter, daytime, gotime
from sensor.rules.fault import Fault, Place
from sensor.spec import filters as spec

LOGICAL_OPERATORS = frozenset({"", "and", "or"})
_RFC3339, _LAYOUT = "2006-01-02T15:04:05Z07:00", "2006-01-02 15:04:05"
_SOME_DAY = "2000-01-01"
_COMPARATORS = frozenset({"", ">=", ">", "=", "!=", "<", "<="})


def operator(value: str, where: Place) -> Iterator[Fault]:
    """Check a logical operator."""
    if value not in LOGICAL_OPERATORS:
        yield where, f"logical operator {value} not supported"


def faults(filters: spec.DependencyFilters | None) -> Iterator[Fault]:
    """Give everything that is wrong with the filters of a dependency, with its place under `filters`."""
    if filters is None:
        return
    yield from operator(filters.expr_logical_operator, ("exprLogicalOperator",))
    yield from operator(filters.data_logical_operator, ("dataLogicalOperator",))
    for index, expr in enumerate(filters.exprs or ()):
        yield from _expr(expr, ("exprs", index))
    for index, data in enumerate(filters.data or ()):
        yield from _data(data, ("data", index))
    if filters.context is not None:
        yield from _context(filters.context)
    if filters.time is not None:
        yield from _time(filters.time)


def _expr(filter_: spec.ExprFilter, here: Place) -> Iterator[Fault]:
    if not filter_.expr or not filter_.fields_:
        yield here, "one of expr filters is not valid (expr and fields must be not empty)"
    elif not all(field.path and field.name for field in filter_.fields_):
        yield here, "one of expr filters is not valid (path and name in a field must be not empty)"


def _data(filter_: spec.DataFilter, here: Place) -> Iterator[Fault]:
    if filter_.comparator not in _COMPARATORS:
        yield (*here, "comparator"), f"comparator {filter_.comparator} not supported"
    if not filter_.path or not filter_.type or not filter_.value:
        yield here, "one of data filters is not valid (type, path and value must be not empty)"
    elif not all(filter_.value):
        yield here, "one of data filters is not valid (value must be not empty)"


def _context(filter_: spec.EventContext) -> Iterator[Fault]:
    if filter_.time is not None:
        try:
            gotime.parse(_RFC3339, str(filter_.time))
        except gotime.Unparsable as error:
            yield ("context", "time"), str(error)
    if not (filter_.type or filter_.subject or filter_.source or filter_.datacontenttype):
        yield ("context",), "no fields specified in ctx filter (aka all events will be discarded)"


def _time(filter_: spec.TimeFilter) -> Iterator[Fault]:
    prepared = daytime.Prepared.of(TimeFilter(filter_.start, filter_.stop, filter_.timezone))
    yield from ((("time",), fault) for fault in prepared.faults)
    if not prepared.faults and _moment(filter_.start) == _moment(filter_.stop):
        yield ("time",), f"invalid event time filter: stop '{filter_.stop}' is equal to start '{filter_.start}"


def _moment(text: str) -> gotime.Moment:
    return gotime.parse(_LAYOUT, f"{_SOME_DAY} {text}")
