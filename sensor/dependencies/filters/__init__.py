"""Filters: whether a dependency wants an event, and if not, which filter, which field and which value said so.

    prepared = prepare(Filters(data=(DataFilter("body.kind", "string", ("^order$",)),)), render)         once
    prepared.faults                                          what is an error with each event: told at load as warnings
    verdict = await prepared.judge(event, run_script)        `Passed`, `Rejected(filter, field, value, why)` or `Errored`

Nothing here does I/O: templates are rendered by `render` and Lua scripts run by `run_script`, both handed in. The judging
function is a coroutine for the script's sake alone; without one it never waits.

`chain` joins the filters; `exprs`, `data`, `context` and `daytime` (the `time` filter) are one each, `combine` joins the
entries of a list; `govaluate` is the language of `exprs`, `gotime` reads times, `goparse` numbers, `regex` patterns as in Go.
"""

from sensor.dependencies.filters.chain import Prepared, prepare
from sensor.dependencies.filters.model import (
    ContextFilter,
    DataFilter,
    Errored,
    ExprFilter,
    Field,
    FilterError,
    Filters,
    Passed,
    Rejected,
    Render,
    RunScript,
    TimeFilter,
    Verdict,
)

__all__ = [
    "ContextFilter",
    "DataFilter",
    "Errored",
    "ExprFilter",
    "Field",
    "FilterError",
    "Filters",
    "Passed",
    "Prepared",
    "Rejected",
    "Render",
    "RunScript",
    "TimeFilter",
    "Verdict",
    "prepare",
]
