"""A document that was cut at its places says what the same parameters say in the whole one."""

import json
from collections.abc import Callable
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from common.errors import Rejected
from sensor.parameters import Applied, Parameter, Source, prepare
from sensor.triggers.splice import Spliced
from tests.fakes_sensor import event

DESTS = ["a", "a.b", "a.0", "b.1.c", "b.0", "c.d", "new.deep.er", "list.-1", "list.5", "x\\.y", "list.#.n", "e.:1", "f.g"]
KEYS = ["text", "number", "object", "array", "null", "truth"]
DATA = {"text": 'a"<b>\n🦀', "number": 1.50, "object": {"b": [1]}, "array": [{"n": 1}], "null": None, "truth": True}

documents = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.text(max_size=5)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.sampled_from(["a", "b", "c", "list", "x.y", "n"]), inner, max_size=4)
    ),
    max_leaves=12,
)


@st.composite
def entries(draw: st.DrawFn) -> Parameter:
    """Make any parameter."""
    source = Source(
        draw(st.sampled_from(["order", "other"])),
        data_key=draw(st.sampled_from(KEYS)),
        value=draw(st.sampled_from([None, "default"])),
        use_raw_data=draw(st.booleans()),
    )
    return Parameter(source, draw(st.sampled_from(DESTS)), draw(st.sampled_from(["", "", "", "append", "overwrite"])))


@given(st.dictionaries(st.sampled_from(["a", "b", "c", "list", "e"]), documents, max_size=5), st.lists(entries(), max_size=4))
def test_it_answers_as_the_whole_document_does(document: dict[str, Any], parameters: list[Parameter]) -> None:
    """The same bytes, the same notes, the same refusals, for any document and any parameters."""
    text = json.dumps(document, ensure_ascii=False).encode()
    prepared = prepare(parameters)
    events = {"order": event(data=json.dumps(DATA, ensure_ascii=False).encode())}
    assert told(lambda: Spliced.of(text, prepared).apply(events)) == told(lambda: prepared.apply(text, events))


def told(apply: Callable[[], Applied]) -> Applied | str:
    """Give what comes out, or the refusal."""
    try:
        return apply()
    except Rejected as error:
        return str(error)


def test_the_usual_case_is_cut() -> None:
    """Two values in two places: an event costs a join, not a search."""
    text = b'{"spec":{"p":[{"name":"x"},{"value":"argosy-0-0"}]}}'
    first = Parameter(Source("order", data_key="text"), "spec.p.1.value")
    second = Parameter(Source("order", data_key="number"), "spec.p.0.value")
    spliced = Spliced.of(text, prepare([first, second]))
    assert len(spliced.pieces) == 3
    applied = spliced.apply({"order": event(data=b'{"text":"t","number":7}')})
    assert json.loads(applied.document)["spec"]["p"] == [{"name": "x", "value": "7"}, {"value": "t"}]
