"""The methods that templates and expressions may call on times, lengths of time and versions: `(now).Format "2006"`."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from common.sprig.durations import Duration, rounded, truncated
from common.sprig.function import Function, function
from common.sprig.layouts import format_moment
from common.sprig.moments import GREENWICH, Moment, Month, Weekday, Zone, moment
from common.sprig.values import Int64, Uint64, wrap
from common.sprig.versions import Version, check_metadata, check_prerelease

_MICRO, _MILLI, _SECOND = 10**3, 10**6, 10**9
_YEAR_ONE = -62_135_596_800
_MOST = 1 << 63


def _add_date(at: Moment, years: int, months: int, more_days: int) -> Moment:
    year, month, day = at.date
    return moment((year + years, month + months, day + more_days), at.clock, at.nanoseconds, at.zone)


def _format(at: Moment, layout: str) -> str:
    return format_moment(at, layout)


def _add(at: Moment, length: Duration) -> Moment:
    return at.plus(int(length))


def _sub(at: Moment, other: Moment) -> Duration:
    return Duration(max(-_MOST, min(_MOST - 1, at.total - other.total)))


def _before(at: Moment, other: Moment) -> bool:
    return at.total < other.total


def _after(at: Moment, other: Moment) -> bool:
    return at.total > other.total


def _equal(at: Moment, other: Moment) -> bool:
    return at.total == other.total


def _compare(at: Moment, other: Moment) -> int:
    return (at.total > other.total) - (at.total < other.total)


def _since_year_one(at: Moment) -> int:
    return at.total - _YEAR_ONE * _SECOND


def _truncate(at: Moment, length: Duration) -> Moment:
    return at if length <= 0 else at.plus(-(_since_year_one(at) % int(length)))


def _round(at: Moment, length: Duration) -> Moment:
    if length <= 0:
        return at
    over = _since_year_one(at) % int(length)
    return at.plus(-over if 2 * over < length else int(length) - over)


def _utc(at: Moment) -> Moment:
    return replace(at, zone=GREENWICH)


def _of_moment(give: Callable[[Moment], Any]) -> Callable[[Moment], Any]:
    def method(at: Moment) -> Any:  # noqa: ANN401 - the type differs
        return give(at)

    return method


_MOMENT: dict[str, Callable[..., Any]] = {
    "Add": _add,
    "AddDate": _add_date,
    "After": _after,
    "Before": _before,
    "Compare": _compare,
    "Day": _of_moment(lambda at: at.date[2]),
    "Equal": _equal,
    "Format": _format,
    "Hour": _of_moment(lambda at: at.clock[0]),
    "GoString": _of_moment(lambda at: at.go_source()),
    "IsDST": _of_moment(lambda at: at.zone.saves_daylight(at.seconds)),
    "IsZero": _of_moment(lambda at: at.total == _YEAR_ONE * _SECOND),
    "Local": _utc,
    "Location": _of_moment(lambda at: at.zone),
    "Minute": _of_moment(lambda at: at.clock[1]),
    "Month": _of_moment(lambda at: Month(at.date[1])),
    "Nanosecond": _of_moment(lambda at: at.nanoseconds),
    "Round": _round,
    "Second": _of_moment(lambda at: at.clock[2]),
    "String": _of_moment(lambda at: at.go_string()),
    "Sub": _sub,
    "Truncate": _truncate,
    "UTC": _utc,
    "Unix": _of_moment(lambda at: Int64(at.seconds)),
    "UnixMicro": _of_moment(lambda at: Int64(wrap(at.total // _MICRO))),
    "UnixMilli": _of_moment(lambda at: Int64(wrap(at.total // _MILLI))),
    "UnixNano": _of_moment(lambda at: Int64(wrap(at.total))),
    "Weekday": _of_moment(lambda at: at.weekday),
    "Year": _of_moment(lambda at: at.date[0]),
    "YearDay": _of_moment(lambda at: at.yearday),
}


def _round_duration(length: Duration, unit: Duration) -> Duration:
    return rounded(int(length), int(unit))


def _truncate_duration(length: Duration, unit: Duration) -> Duration:
    return truncated(int(length), int(unit))


def _nanoseconds(length: Duration) -> Int64:
    return Int64(length)


def _string(value: Any) -> str:  # noqa: ANN401 - whatever prints itself
    return str(value.go_string())


_DURATION: dict[str, Callable[..., Any]] = {
    "Abs": lambda length: Duration(min(abs(int(length)), _MOST - 1)),
    "Hours": lambda length: int(length) / (3600 * _SECOND),
    "Microseconds": lambda length: Int64(int(length) // _MICRO if length >= 0 else -(-int(length) // _MICRO)),
    "Milliseconds": lambda length: Int64(int(length) // _MILLI if length >= 0 else -(-int(length) // _MILLI)),
    "Minutes": lambda length: int(length) / (60 * _SECOND),
    "Nanoseconds": _nanoseconds,
    "Round": _round_duration,
    "Seconds": lambda length: int(length) / _SECOND,
    "String": _string,
    "Truncate": _truncate_duration,
}


def _compare_versions(one: Version, other: Version) -> int:
    return one.compare(other)


def _comparison(holds: Callable[[int], bool]) -> Callable[[Version, Version], bool]:
    def compare(one: Version, other: Version) -> bool:
        return holds(one.compare(other))

    return compare


def _set_prerelease(value: Version, text: str) -> Version:
    check_prerelease(text)
    return value.changed(prerelease=text)


def _set_metadata(value: Version, text: str) -> Version:
    check_metadata(text)
    return value.changed(metadata=text)


def _next_patch(value: Version) -> Version:
    return value.changed(patch=value.patch + (not value.prerelease), prerelease="", metadata="")


_VERSION: dict[str, Callable[..., Any]] = {
    "Compare": _compare_versions,
    "Equal": _comparison(lambda order: order == 0),
    "GreaterThan": _comparison(lambda order: order > 0),
    "GreaterThanEqual": _comparison(lambda order: order >= 0),
    "IncMajor": lambda value: value.changed(major=value.major + 1, minor=0, patch=0, prerelease="", metadata=""),
    "IncMinor": lambda value: value.changed(minor=value.minor + 1, patch=0, prerelease="", metadata=""),
    "IncPatch": _next_patch,
    "LessThan": _comparison(lambda order: order < 0),
    "LessThanEqual": _comparison(lambda order: order <= 0),
    "Major": lambda value: Uint64(value.major),
    "Metadata": lambda value: value.metadata,
    "Minor": lambda value: Uint64(value.minor),
    "Original": lambda value: value.original,
    "Patch": lambda value: Uint64(value.patch),
    "Prerelease": lambda value: value.prerelease,
    "SetMetadata": _set_metadata,
    "SetPrerelease": _set_prerelease,
    "String": _string,
}
METHODS: Mapping[type, Mapping[str, Callable[..., Any]]] = {
    Moment: _MOMENT,
    Duration: _DURATION,
    Version: _VERSION,
    Month: {"String": _string},
    Weekday: {"String": _string},
    Zone: {"String": _string},
}


def _method(name: str, run: Callable[..., Any]) -> Function:
    if run.__name__ == "<lambda>":
        return Function(name, (), variadic=False, run=run)
    made = function(name, run)
    return replace(made, parameters=made.parameters[1:])


_FUNCTIONS: Mapping[type, Mapping[str, Function]] = {
    kind: {name: _method(name, run) for name, run in methods.items()} for kind, methods in METHODS.items()
}


def method(value: object, name: str) -> Function | None:
    """Give the method of a value by its name, ready to be called; None if it has none."""
    unbound = _FUNCTIONS.get(type(value), {}).get(name)
    return None if unbound is None else replace(unbound, run=lambda *rest: unbound.run(value, *rest))
