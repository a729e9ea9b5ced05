"""Maps: read, set, merge. The results are those of sprig 3.3 itself."""

import pytest

from common.sprig import FUNCTIONS
from common.sprig.printing import show


@pytest.mark.parametrize(
    ("name", "arguments", "printed"),
    [
        ("dict", ("a", 1, "b"), "map[a:1 b:]"),
        ("get", ({"a": 1}, "z"), ""),
        ("hasKey", ({"a": 1}, "a"), "true"),
        ("pluck", ("a", {"a": 1}, {"b": 2}, {"a": 3}), "[1 3]"),
        ("keys", ({"b": 1},), "[b]"),
        ("values", ({"a": 1},), "[1]"),
        ("pick", ({"a": 1, "b": 2}, "a", "z"), "map[a:1]"),
        ("omit", ({"a": 1, "b": 2}, "a"), "map[b:2]"),
        ("dig", ("a", "b", "none", {"a": {"b": 7}}), "7"),
        ("dig", ("a", "x", "none", {"a": {"b": 7}}), "none"),
        ("merge", ({"a": 1, "o": {"x": 5, "y": 1}}, {"a": 2, "o": {"x": 5, "y": 1}}), "map[a:1 o:map[x:5 y:1]]"),
        ("mergeOverwrite", ({"a": None, "b": ""}, {"a": None, "b": ""}), "map[a:<nil> b:]"),
        ("set", ({"a": 1, "b": 2}, "b", 2), "map[a:1 b:2]"),
        ("unset", ({}, "a"), "map[]"),
        ("deepCopy", ({"a": [1]},), "map[a:[1]]"),
    ],
)
def test_it_gives_what_sprig_gives(name: str, arguments: tuple[object, ...], printed: str) -> None:
    """Templates that users bring along go on to mean the same."""
    result = FUNCTIONS[name](*arguments)
    assert ("<no value>" if result is None else show(result)) == printed
