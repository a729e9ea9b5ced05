"""What a condition still waits for is said shortly: only what would help."""

import pytest

from argosy.explain.missing import missing, words
from sensor.dependencies import conditions

NAMES = ["a", "b", "c", "d"]


@pytest.mark.parametrize(
    ("text", "present", "names", "said"),
    [
        ("a", [], ["a"], "a"),
        ("a", ["a"], [], ""),
        ("a && b", ["a"], ["b"], "b"),
        ("a && b && c", [], ["a", "b", "c"], "a and b and c"),
        ("(a || b) && c", ["a"], ["c"], "c"),
        ("(a || b) && c", ["c"], ["a", "b"], "a or b"),
        ("(a || b) && c", [], ["a", "b", "c"], "(a or b) and c"),
        ("a && b || c && d", ["a"], ["b", "c", "d"], "b or c and d"),
        ("a && (a || b)", [], ["a", "b"], "a and (a or b)"),
    ],
)
def test_only_what_would_help_is_missing(text: str, present: list[str], names: list[str], said: str) -> None:
    """An alternative that is not needed any more is not asked for."""
    root = conditions.parse(text, NAMES).root
    assert missing(root, present) == tuple(names)
    assert words(root, present) == said
