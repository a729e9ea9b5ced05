"""The filters of a dependency: who says no, why, and what an error is worth."""

import asyncio
import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.cloudevent import CloudEvent
from sensor.dependencies.filters import (
    ContextFilter,
    DataFilter,
    Errored,
    ExprFilter,
    Field,
    FilterError,
    Filters,
    Passed,
    Rejected,
    TimeFilter,
    Verdict,
    prepare,
)
from sensor.dependencies.filters.regex import BadPattern, compile_pattern
from tests.conformance import harness
from tests.conformance.areas import filters as area

BODY = {"a": "hello", "n": 12, "items": [{"k": 1}]}
A_IS_HELLO = ExprFilter('a == "hello"', (Field("a", "a"),))
A_IS_NO = ExprFilter('a == "no"', (Field("a", "a"),))
BROKEN = ExprFilter("a ==", (Field("a", "a"),))


def event(data: bytes | None = json.dumps(BODY).encode()) -> CloudEvent:
    """Build an event of Monday morning."""
    return CloudEvent("1", "orders", "sqs", "created", "application/json", "2024-05-06T07:08:09Z", data=data)


def render(template: str, document: bytes) -> str:
    """Stand in for the template engine: `!` fails, all else is put before the value."""
    if template == "!":
        raise ValueError("no such function")
    return template.replace("{}", json.loads(document))


async def run_script(script: str, _data: bytes) -> bool:
    """Stand in for Lua: the script is its own result."""
    if script == "error":
        raise FilterError("boom")
    return script == "true"


def judge(filters: Filters, given: CloudEvent | None = None) -> Verdict:
    """Judge one event."""
    return asyncio.run(prepare(filters, render).judge(given or event(), run_script))


@pytest.mark.promise("H5")
@pytest.mark.parametrize(
    ("filters", "wanted"),
    [
        pytest.param(Filters(exprs=(A_IS_NO,)), ("exprs", "a", "a = 'hello'", 'a == "no" is false'), id="exprs"),
        pytest.param(
            Filters(data=(DataFilter("n", "number", ("15", "20"), ">="),)),
            ("data", "n", "'12'", "wanted is a number >= '15' or '20'"),
            id="data",
        ),
        pytest.param(
            Filters(data=(DataFilter("a", "string", ("^x",), template="y{}"),)),
            ("data", "a", "'yhello'", "wanted is a string = '^x'"),
            id="data by template",
        ),
        pytest.param(
            Filters(context=ContextFilter(source="x")), ("context", "source", "'orders'", "wanted is 'x'"), id="context"
        ),
        pytest.param(
            Filters(time=TimeFilter("09:00:00", "17:00:00", "Europe/Prague"), context=ContextFilter(type="sqs")),
            None,
            id="nine in the morning there",
        ),
        pytest.param(
            Filters(time=TimeFilter("09:00:00", "17:00:00")),
            ("time", "time", "2024-05-06T07:08:09Z", "wanted is 09:00:00 to 17:00:00 UTC"),
            id="time",
        ),
        pytest.param(Filters(script="false"), ("script", "", "-", "the script's last value is not true"), id="script"),
        pytest.param(
            Filters(logical_operator="or"),
            ("filters", "", "-", "filtersLogicalOperator is `or`, and there is no filter"),
            id="none",
        ),
    ],
)
def test_every_no_says_which_filter_which_field_and_which_value(filters: Filters, wanted: tuple[str, ...] | None) -> None:
    """Nobody has to guess why an event did not fire."""
    verdict = judge(filters)
    assert verdict == (Passed() if wanted is None else Rejected(*wanted))
    assert wanted is None or all(word in str(verdict) for word in wanted if word)


def test_or_tells_what_each_alternative_said() -> None:
    """With `or`, every one of them is the reason."""
    alternatives = Filters(exprs=(A_IS_NO, A_IS_NO), expr_logical_operator="or", context=ContextFilter(type="x"))
    verdict = judge(replace(alternatives, logical_operator="or"))
    assert isinstance(verdict, Rejected)
    assert [no.filter for no in (verdict, *verdict.also)] == ["exprs", "exprs", "context"]


@pytest.mark.parametrize(
    ("filters", "wanted"),
    [
        pytest.param(
            Filters(exprs=(A_IS_HELLO,), script="error", logical_operator="or"), Passed(("boom",)), id="a script fails"
        ),
        pytest.param(
            Filters(exprs=(BROKEN,), context=ContextFilter(type="sqs"), logical_operator="or"),
            Passed(("expr filter error (Unexpected end of expression)",)),
            id="an expression fails",
        ),
        pytest.param(
            Filters(exprs=(BROKEN,), context=ContextFilter(type="x"), logical_operator="or"),
            Errored("exprs", "expr filter error (Unexpected end of expression)"),
            id="none passes",
        ),
        pytest.param(
            Filters(exprs=(A_IS_NO,), data=(DataFilter("missing", "string", ("x",)),)),
            Errored("data", "data filter error (path 'missing' does not exist)"),
            id="and: an error stands before a no",
        ),
        pytest.param(
            Filters(exprs=(BROKEN, A_IS_HELLO), expr_logical_operator="or"),
            Passed(("Unexpected end of expression",)),
            id="an alternative of one filter fails",
        ),
    ],
)
def test_an_error_counts_only_where_nothing_lets_the_event_pass(filters: Filters, wanted: Verdict) -> None:
    """In Go one failing alternative discards the event although another one let it through (fault F8)."""
    assert judge(filters) == wanted


def test_what_cannot_be_compiled_is_told_at_load_with_its_place() -> None:
    """Argo Events accepts these documents; each event then fails. The operator hears of it before."""
    bad = (("string", ("[",)), ("x", ("1",)), ("number", ()), ("bool", ("y",)))
    data = tuple(DataFilter("a", kind, values) for kind, values in bad)
    prepared = prepare(Filters(exprs=(A_IS_HELLO, BROKEN), data=data, time=TimeFilter("9", "17:00:00")), render)
    assert [place for place, _ in prepared.faults] == [("exprs", 1, "expr"), *(("data", n) for n in range(4)), ("time",)]
    zone = prepare(Filters(time=TimeFilter("09:00:00", "17:00:00", "Mars/Base")), render)
    assert zone.faults == ((("time",), "invalid timezone 'Mars/Base': unknown time zone Mars/Base"),)


@pytest.mark.parametrize(
    "kind", [Filters(exprs=(A_IS_NO,)), Filters(data=(DataFilter("x", "string"),)), Filters(script="false")]
)
def test_an_event_without_data_passes_what_looks_at_data(kind: Filters) -> None:
    """As in Argo Events: there is nothing that could be wrong with it."""
    assert judge(kind, event(None)) == Passed()


@pytest.mark.parametrize(
    ("template", "wanted"),
    [
        ("x{}", Passed()),
        ("", Passed()),
        ("!", Errored("data", "data filter error (no such function)")),
        ("<no value>", Errored("data", "data filter error (template '<no value>' evaluated to empty string or no value)")),
    ],
)
def test_templates_change_the_value(template: str, wanted: Verdict) -> None:
    """The engine is handed in; its failure is an error of the filter."""
    assert judge(Filters(data=(DataFilter("a", "string", ("hello",), template=template),))) == wanted


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("ab\x07cd", "ab"),
        ("ab\x0bcd", "ab"),
        ("ab\x7fcd", "ab"),
        ("ab\U0010ffffcd", "ab"),
        ('a\b\f\r\t\n"\\', 'a\b\f\r\t\n"\\'),
        ("a\u200b\U0001f40e", "a\u200b\U0001f40e"),
    ],
)
def test_what_a_template_gives_is_cut_where_go_cuts_it(text: str, wanted: str) -> None:
    """Go quotes the text in its own way and reads it as JSON: the rest behind some characters is lost."""
    pattern = "".join(rf"\x{{{ord(character):x}}}" for character in wanted)
    entry = DataFilter("a", "string", (rf"\A{pattern}\z",), template=text)
    assert judge(Filters(data=(entry,))) == Passed()


_ODD = """a n items.#.k @this x [ ( 1 0x1p4 nan true != = > or 09:00:00"""
_TEXTS = st.sampled_from(["", *_ODD.split()])
_TYPES = st.sampled_from(["string", "number", "bool", "x"])
_FILTERS = st.builds(
    Filters,
    exprs=st.none() | st.tuples(st.builds(ExprFilter, _TEXTS, st.tuples(st.builds(Field, _TEXTS, _TEXTS)))),
    data=st.none() | st.tuples(st.builds(DataFilter, _TEXTS, _TYPES, st.tuples(_TEXTS), _TEXTS, _TEXTS)),
    time=st.none() | st.builds(TimeFilter, _TEXTS, _TEXTS, _TEXTS),
    script=_TEXTS,
    expr_logical_operator=_TEXTS,
    logical_operator=_TEXTS,
)
_JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from("an"), inner),
    max_leaves=6,
)


@given(_FILTERS, st.one_of(st.none(), st.binary(), _JSON.map(lambda value: json.dumps(value).encode())))
def test_every_event_gets_a_verdict(filters: Filters, data: bytes | None) -> None:
    """No document and no event may crash the sensor."""
    assert isinstance(judge(filters, event(data)), Passed | Rejected | Errored)


def _corpus(wanted: Callable[[Any], bool]) -> list[Any]:
    cases = json.loads((harness.CASES / "filters.json").read_text(encoding="utf-8"))
    return [pytest.param(case["input"], case["output"], id=case["id"]) for case in cases if wanted(case)]


@pytest.mark.parametrize(("given", "output"), _corpus(lambda case: area.in_own_words(case["output"].get("error", ""))))
def test_errors_that_go_words_itself_are_word_for_word(given: dict[str, Any], output: dict[str, Any]) -> None:
    """People search for these texts."""
    assert area.run(given)["error"] == output["error"]


@pytest.mark.parametrize(("given", "output"), _corpus(lambda case: "F8" in case.get("fault", ())))
def test_the_cases_of_fault_f8_are_mended(given: dict[str, Any], output: dict[str, Any]) -> None:
    """A failing alternative does not take the event from one that lets it pass."""
    assert area.run(given) == {"result": output.get("inner", {}).get("result", True)}


@pytest.mark.parametrize("pattern", ["(?P<é>a)", r"\C"])
def test_patterns_that_only_re2_knows_are_none(pattern: str) -> None:
    """Go wants names of groups in ASCII, and has no single bytes."""
    with pytest.raises(BadPattern):
        compile_pattern(pattern)
    assert compile_pattern(r"\(?P<\x{e9}>|(?P<e>é)").found_in("é")


@pytest.mark.parametrize(
    "pattern",
    [
        r"^\pl$",
        r"^\p{Letter}$",
        r"^\p{uppercase letter}$",
        r"^\p{LATIN}$",
        r"^\P{old-italic}$",
        r"^[\p{^number}]$",
        r"\Q\pl\E|É",
    ],
)
def test_classes_have_all_the_names_that_go_knows(pattern: str) -> None:
    """Since 1.25 it takes them in any case, and the long names of categories; RE2 knows one spelling."""
    assert compile_pattern(pattern).found_in("É")
    assert not compile_pattern(pattern).found_in("11")
