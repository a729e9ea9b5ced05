"""All filters of a dependency together: each is asked, in Go's order, then `and` or `or` decides.

`and`: the first error stands before any no. `or`: any filter that lets the event pass decides, whatever failed beside it; in Go
an error discards the event all the same (fault F8). `or` without any filter lets nothing pass, as in Go (F74).
"""

from collections.abc import Iterator
from dataclasses import dataclass

from common.cloudevent import CloudEvent
from sensor.dependencies.filters import combine, context, daytime, exprs
from sensor.dependencies.filters import data as data_filter
from sensor.dependencies.filters.model import (
    Errored,
    Filters,
    Passed,
    Rejected,
    Render,
    RunScript,
    Verdict,
)


@dataclass(frozen=True, slots=True)
class Prepared:
    """The filters of a dependency made ready; None is a filter that is not there."""

    given: Filters
    exprs: tuple[exprs.Prepared, ...] | None
    data: tuple[data_filter.Prepared, ...] | None
    time: daytime.Prepared | None

    @property
    def faults(self) -> tuple[tuple[tuple[str | int, ...], str], ...]:
        """What will be an error with events: (place under `filters`, what). Argo Events accepts such documents."""
        return tuple(self._faults())

    def _faults(self) -> Iterator[tuple[tuple[str | int, ...], str]]:
        for number, expr in enumerate(self.exprs or ()):
            if expr.fault:
                yield ("exprs", number, "expr"), expr.fault
        for number, entry in enumerate(self.data or ()):
            yield from ((("data", number), fault) for fault in entry.faults)
        for fault in self.time.faults if self.time else ():
            yield ("time",), fault

    async def judge(self, event: CloudEvent, run: RunScript) -> Verdict:
        """Say whether the dependency wants the event. `run` is asked only if there is a script."""
        verdicts = list(self._verdicts(event))
        if self.given.script:
            verdicts.append(await _script(self.given.script, event, run))
        return _any(verdicts) if self.given.logical_operator == combine.OR else _every(verdicts)

    def _verdicts(self, event: CloudEvent) -> Iterator[Verdict]:
        given = self.given
        if self.exprs is not None:
            yield combine.judge_all("exprs", self.exprs, given.expr_logical_operator, exprs.judge, event)
        if self.data is not None:
            # Unlike that of `exprs`, an empty list passes whatever its operator is.
            operator = given.data_logical_operator
            yield combine.judge_all("data", self.data, operator, data_filter.judge, event) if self.data else Passed()
        if given.context is not None:
            yield context.judge(given.context, event) or Passed()
        if self.time is not None:
            yield daytime.judge(self.time, event)


def prepare(filters: Filters, render: Render) -> Prepared:
    """Compile all that can be compiled before an event comes. What cannot be is told by `faults`, and is no reason to stop."""
    return Prepared(
        filters,
        None if filters.exprs is None else tuple(map(exprs.Prepared.of, filters.exprs)),
        None if filters.data is None else tuple(data_filter.Prepared.of(entry, render) for entry in filters.data),
        None if filters.time is None else daytime.Prepared.of(filters.time),
    )


async def _script(script: str, event: CloudEvent, run: RunScript) -> Verdict:
    if event.data is None:
        return Passed()
    try:
        passed = await run(script, event.data)
    except ValueError as error:
        return Errored("script", str(error))
    return Passed() if passed else Rejected("script", "", "-", "the script's last value is not true")


def _every(verdicts: list[Verdict]) -> Verdict:
    errors: tuple[str, ...] = ()
    no: Rejected | None = None
    for verdict in verdicts:
        match verdict:
            case Errored():
                return verdict
            case Rejected():
                no = no or verdict
            case Passed():
                errors += verdict.errors
    return no or Passed(errors)


def _any(verdicts: list[Verdict]) -> Verdict:
    failed = [verdict for verdict in verdicts if isinstance(verdict, Errored)]
    passed = [verdict for verdict in verdicts if isinstance(verdict, Passed)]
    noes = [verdict for verdict in verdicts if isinstance(verdict, Rejected)]
    if passed:
        return Passed(tuple(verdict.error for verdict in failed) + passed[0].errors)
    if failed:
        return Errored(", ".join(verdict.filter for verdict in failed), " / ".join(verdict.error for verdict in failed))
    if not noes:
        return Rejected("filters", "", "-", "filtersLogicalOperator is `or`, and there is no filter")
    return Rejected(noes[0].filter, noes[0].field, noes[0].value, noes[0].why, (*noes[0].also, *noes[1:]))
