"""Paths as texts. The results are those of sprig 3.3 itself."""

import pytest

from common.sprig import FUNCTIONS
from common.sprig.printing import show


@pytest.mark.parametrize(
    ("name", "arguments", "printed"),
    [
        ("base", ("/a/b.tar.gz",), "b.tar.gz"),
        ("base", ("",), "."),
        ("base", ("///",), "/"),
        ("dir", ("a",), "."),
        ("dir", ("/a/b/",), "/a/b"),
        ("clean", ("a/../../b//.",), "../b"),
        ("clean", ("/..",), "/"),
        ("ext", ("x/.y",), ".y"),
        ("ext", ("a.b/c",), ""),
        ("isAbs", ("/a",), "true"),
    ],
)
def test_it_gives_what_sprig_gives(name: str, arguments: tuple[object, ...], printed: str) -> None:
    """Templates that users bring along go on to mean the same."""
    result = FUNCTIONS[name](*arguments)
    assert ("<no value>" if result is None else show(result)) == printed
