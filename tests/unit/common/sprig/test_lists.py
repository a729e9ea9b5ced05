"""Lists: what is taken, joined and found is what Go would give. The results are those of sprig 3.3 itself."""

import pytest

from common.sprig import FUNCTIONS
from common.sprig.printing import show


@pytest.mark.parametrize(
    ("name", "arguments", "printed"),
    [
        ("append", ([1.0], "x"), "[1 x]"),
        ("prepend", ([1.0], "x"), "[x 1]"),
        ("first", ([],), "<no value>"),
        ("last", (["a", "b"],), "b"),
        ("rest", ([],), "[]"),
        ("initial", (["a", "b"],), "[a]"),
        ("reverse", ([1.0, 2.0],), "[2 1]"),
        ("compact", ([0, 1, "", "a", False, None, []],), "[1 a]"),
        ("uniq", ([1, 1.0, 1, "1", [1], [1]],), "[1 1 1 [1]]"),
        ("without", ([1, 2, 1.0], 1), "[2 1]"),
        ("has", (1, [1.0]), "false"),
        ("has", ([1], [[1]]), "true"),
        ("slice", ([1, 2, 3], 1, 2), "[2]"),
        ("slice", ([],), "<no value>"),
        ("concat", ([1], [], ["x"]), "[1 x]"),
        ("chunk", (-3, ["a"]), "[[a]]"),
        ("chunk", (2, [1, 2, 3]), "[[1 2] [3]]"),
        ("sortAlpha", (["b", 1.0, "a"],), "[1 a b]"),
        ("sortAlpha", ("x",), "[x]"),
        ("tuple", (1, "a"), "[1 a]"),
    ],
)
def test_it_gives_what_sprig_gives(name: str, arguments: tuple[object, ...], printed: str) -> None:
    """Templates that users bring along go on to mean the same."""
    result = FUNCTIONS[name](*arguments)
    assert ("<no value>" if result is None else show(result)) == printed
