"""Versions and constraints. The results are those of sprig 3.3 itself."""

import pytest

from common.sprig import FUNCTIONS
from common.sprig.printing import show


@pytest.mark.parametrize(
    ("name", "arguments", "printed"),
    [
        ("semver", ("v1.2",), "1.2.0"),
        ("semverCompare", (">=1.2.3 <2", "1.5.0"), "true"),
        ("semverCompare", ("^0.2.3", "0.3.0"), "false"),
        ("semverCompare", ("~1.2", "1.2.9"), "true"),
        ("semverCompare", ("1.x || 3.*", "3.4"), "true"),
        ("semverCompare", ("1.2 - 2.0", "2.1"), "false"),
        ("semverCompare", (">1.0.0-alpha", "1.0.0-beta"), "true"),
        ("semverCompare", (">1.0.0", "1.1.0-beta"), "false"),
        ("semverCompare", ("!=1.2.x", "1.2.4"), "false"),
    ],
)
def test_it_gives_what_sprig_gives(name: str, arguments: tuple[object, ...], printed: str) -> None:
    """Templates that users bring along go on to mean the same."""
    result = FUNCTIONS[name](*arguments)
    assert ("<no value>" if result is None else show(result)) == printed
