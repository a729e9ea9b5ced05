"""Regular expressions on RE2, as in Go: https://github.com/google/re2/wiki/Syntax."""

from typing import Any

from common.sprig.regexes import compiled
from common.sprig.values import SprigError, encode

_LONGEST = 20_000


def pattern(text: str) -> Any | None:  # noqa: ANN401 - re2 has no types
    """Compile a pattern; None if it is none."""
    try:
        return compiled(text) if len(text) <= _LONGEST else None
    except SprigError:
        return None


def found(expression: Any, text: str) -> bool:  # noqa: ANN401 - same
    """Say whether the pattern matches anywhere in the text."""
    return expression.search(encode(text)) is not None
