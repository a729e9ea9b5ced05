"""JSON as encoding/json writes it. The results are those of sprig 3.3 itself."""

import pytest

from common.sprig import FUNCTIONS
from common.sprig.printing import show


@pytest.mark.parametrize(
    ("name", "arguments", "printed"),
    [
        ("toJson", ({"b": 1.5, "a": ["<é\u2028>", None, True]},), '{"a":["\\u003cé\\u2028\\u003e",null,true],"b":1.5}'),
        ("toRawJson", ("<&>\u2028",), '"<&>\\u2028"'),
        ("toPrettyJson", ({"a": [], "b": {"c": [1]}},), '{\n  "a": [],\n  "b": {\n    "c": [\n      1\n    ]\n  }\n}'),
        ("toJson", (1e21,), "1e+21"),
        ("toJson", (1e-07,), "1e-7"),
        ("toJson", (1e20,), "100000000000000000000"),
        ("fromJson", ('{"a":[1,2.5],"a":7}',), "map[a:7]"),
        ("fromJson", ("{bad",), "<no value>"),
        ("fromJson", (' "x" ',), "x"),
    ],
)
def test_it_gives_what_sprig_gives(name: str, arguments: tuple[object, ...], printed: str) -> None:
    """Templates that users bring along go on to mean the same."""
    result = FUNCTIONS[name](*arguments)
    assert ("<no value>" if result is None else show(result)) == printed
