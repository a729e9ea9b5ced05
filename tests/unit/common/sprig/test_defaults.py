"""Defaults and types. The results are those of sprig 3.3 itself."""

import pytest

from common.sprig import FUNCTIONS
from common.sprig.printing import show


@pytest.mark.parametrize(
    ("name", "arguments", "printed"),
    [
        ("default", ("d", ""), "d"),
        ("default", ("d", 0.0), "d"),
        ("default", ("d", False), "d"),
        ("default", ("d", "x"), "x"),
        ("empty", ({},), "true"),
        ("empty", (" ",), "false"),
        ("coalesce", (None, 0, "a"), "a"),
        ("all", (1, ""), "false"),
        ("any", (0, "x"), "true"),
        ("ternary", ("y", "n", True), "y"),
        ("kindOf", (1.0,), "float64"),
        ("kindOf", (None,), "invalid"),
        ("typeOf", ([1],), "[]interface {}"),
        ("typeOf", ({},), "map[string]interface {}"),
        ("typeIs", ("int", 1), "true"),
        ("typeIsLike", ("string", "x"), "true"),
        ("kindIs", ("map", {}), "true"),
        ("deepEqual", ([1], [1.0]), "false"),
        ("deepEqual", ({"a": [1]}, {"a": [1]}), "true"),
    ],
)
def test_it_gives_what_sprig_gives(name: str, arguments: tuple[object, ...], printed: str) -> None:
    """Templates that users bring along go on to mean the same."""
    result = FUNCTIONS[name](*arguments)
    assert ("<no value>" if result is None else show(result)) == printed
