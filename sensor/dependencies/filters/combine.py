"""Several entries of one filter, joined by `and` or `or`.

`and`: the first no or error ends it. `or`: the first yes ends it; errors only count when there is none. Only `or`, in small
letters, is an or.
"""

from collections.abc import Callable, Sequence
from typing import TypeVar

from common.cloudevent import CloudEvent
from sensor.dependencies.filters.model import Errored, FilterError, Passed, Rejected, Verdict
from sensor.paths import valid

OR = "or"
EntryT = TypeVar("EntryT")
Judge = Callable[[EntryT, bytes], Rejected | None]
"""One entry over the data: why not, or None. Raises `FilterError`, and `Skipped` where the entry has no say."""


class Skipped(Exception):
    """The entry counts neither for nor against."""


def judge_all(name: str, entries: Sequence[EntryT], operator: str, judge: Judge[EntryT], event: CloudEvent) -> Verdict:
    """Judge the data of an event by all entries. An event without data passes."""
    if event.data is None:
        return Passed()
    if not valid(event.data):
        return Errored(name, f"{_word(name)} filter error (event data not valid JSON)")
    if operator == OR:
        return _any(name, entries, judge, event.data)
    return _every(name, entries, judge, event.data)


def _every(name: str, entries: Sequence[EntryT], judge: Judge[EntryT], data: bytes) -> Verdict:
    for entry in entries:
        try:
            no = judge(entry, data)
        except Skipped:
            continue
        except FilterError as error:
            return Errored(name, f"{_word(name)} filter error ({error})")
        if no is not None:
            return no
    return Passed()


def _any(name: str, entries: Sequence[EntryT], judge: Judge[EntryT], data: bytes) -> Verdict:
    errors: list[str] = []
    noes: list[Rejected] = []
    for entry in entries:
        try:
            no = judge(entry, data)
        except Skipped:
            continue
        except FilterError as error:
            errors.append(str(error))
            continue
        if no is None:
            return Passed(tuple(errors))
        noes.append(no)
    if errors:
        return Errored(name, f"{_word(name)} filter errors [{' / '.join(errors)}]")
    if not noes:
        return Rejected(name, "", "-", "none of the alternatives has a say")
    return Rejected(name, noes[0].field, noes[0].value, noes[0].why, tuple(noes[1:]))


def _word(name: str) -> str:
    """Give the word that Go's errors have for a filter: `expr` for `exprs`."""
    return name.removesuffix("s")
