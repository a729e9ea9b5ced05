"""Filters: dependencies.Filter, one dependency with any of exprs, data, context, time and script."""

import re
from collections.abc import Mapping
from typing import Any

from sensor import templates
from sensor.dependencies.filters import (
    ContextFilter,
    DataFilter,
    Errored,
    ExprFilter,
    Field,
    Filters,
    Passed,
    TimeFilter,
    prepare,
)
from tests.conformance.areas import _scripts
from tests.conformance.builders import event, field
from tests.conformance.harness import Answer, Area

# What the Go code words itself; all else comes from its libraries.
_OWN_WORDS = re.compile(
    r"(?:(?:expr|data|time) filter errors? [(\[](?:path '[^']*' does not exist|no values specified|event data not valid JSON"
    r"|unsupported JSON type '[^']*'|template '.*' evaluated to empty string or no value| / )+[)\]](?: / )?)+"
)


def run(given: Any) -> Answer:  # noqa: ANN401
    """Judge one event."""
    document = given["filters"]
    if document is None:
        return {"result": True}
    prepared = prepare(_filters(document, given.get("filtersLogicalOperator") or ""), templates.render)
    verdict = _scripts.wait(prepared.judge(event(given["event"]), _scripts.workers().accepts))
    if isinstance(verdict, Errored):
        return {"result": False, "error": verdict.error}
    return {"result": isinstance(verdict, Passed)}


def _filters(document: Mapping[str, Any], operator: str) -> Filters:
    exprs, data, context, time = (field(document, name) for name in ("exprs", "data", "context", "time"))
    return Filters(
        exprs=None if exprs is None else tuple(map(_expr, exprs)),
        data=None if data is None else tuple(map(_data, data)),
        context=None if context is None else ContextFilter(**_texts(context, "type", "subject", "source", "datacontenttype")),
        time=None if time is None else TimeFilter(**_texts(time, "start", "stop", "timezone")),
        script=field(document, "script") or "",
        expr_logical_operator=field(document, "exprLogicalOperator") or "",
        data_logical_operator=field(document, "dataLogicalOperator") or "",
        logical_operator=operator,
    )


def _expr(given: Mapping[str, Any]) -> ExprFilter:
    fields = tuple(Field(**_texts(each, "path", "name")) for each in field(given, "fields") or ())
    return ExprFilter(field(given, "expr") or "", fields)


def _data(given: Mapping[str, Any]) -> DataFilter:
    return DataFilter(value=tuple(field(given, "value") or ()), **_texts(given, "path", "type", "comparator", "template"))


def _texts(given: Mapping[str, Any], *names: str) -> dict[str, str]:
    return {name: field(given, name) or "" for name in names}


def same(expected: Answer, got: Answer, given: Any) -> bool:  # noqa: ANN401, ARG001
    """Compare what came out. With fault F8 mended it is what Go's inner function had found."""
    return bool(expected["result"] == got["result"])


def in_own_words(error: str) -> bool:
    """Say whether the Go code words an error itself, so that ours has to be the same."""
    return _OWN_WORDS.fullmatch(error) is not None


AREA = Area(run, same)
