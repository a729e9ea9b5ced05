"""One object laid over another, as Argo Events' update does."""

import json
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sensor.triggers.k8s.merge import merged

VECTORS: list[tuple[dict[str, Any], dict[str, Any], dict[str, Any]]] = [
    ({"a": {"x": 1}}, {"a": {"y": 2}}, {"a": {"x": 1, "y": 2}}),
    ({"a": [1, 2]}, {"a": [9]}, {"a": [9]}),
    ({"a": [1]}, {"a": []}, {"a": []}),
    ({"a": {"x": 1}}, {"a": {}}, {"a": {"x": 1}}),
    ({"a": 3, "b": "t", "c": True}, {"a": 0, "b": "", "c": False}, {"a": 0, "b": "", "c": False}),
    ({"a": {"x": 1}}, {"a": None}, {"a": None}),
    ({"a": None}, {"a": {}}, {"a": {}}),
    ({"a": "t"}, {"a": {"x": 1}}, {"a": {"x": 1}}),
    ({"a": {"x": 1}}, {"a": "t"}, {"a": "t"}),
    ({}, {"a": {"x": None}}, {"a": {"x": None}}),
]
values = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
    max_leaves=8,
)
objects = st.dictionaries(st.sampled_from("abc"), values, max_size=3)


@pytest.mark.parametrize(("old", "new", "result"), VECTORS)
def test_each_way_to_meet(old: dict[str, Any], new: dict[str, Any], result: dict[str, Any]) -> None:
    """Objects merge, an empty one changes nothing; everything else replaces, empty values and null included."""
    assert json.loads(merged(old, json.dumps(new).encode())) == result


def by_value(old: Any, new: Any) -> Any:  # noqa: ANN401 - any JSON
    """Say the same over values."""
    if not isinstance(old, dict) or not isinstance(new, dict):
        return new
    return old | {key: by_value(old.get(key), value) for key, value in new.items()}


@given(objects, objects)
def test_the_text_says_what_the_values_say(old: dict[str, Any], new: dict[str, Any]) -> None:
    """Merging text is merging values; twice is once."""
    text = orjson.dumps(new)
    once = merged(old, text)
    assert json.loads(once) == by_value(old, new)
    assert json.loads(merged(json.loads(once), text)) == json.loads(once)


@pytest.mark.promise("E2")
def test_number_text_stays() -> None:
    """What the document or an event wrote reaches the API server as it is written."""
    text = b'{"metadata":{"name":"x"},"data":{"o":{"n":1.50,"big":123456789012345678901234567890}}}'
    assert b'"o":{"n":1.50,"big":123456789012345678901234567890}' in merged({"data": {"k": 1}, "metadata": {}}, text)
