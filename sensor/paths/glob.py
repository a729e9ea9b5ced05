"""Wildcards: `*` is any run of characters, `?` is one, a backslash takes the meaning from the next.

Each star takes as little as it can and never looks back, which is enough for such patterns and keeps matching linear.
"""

import re
from collections.abc import Callable
from functools import lru_cache

_TOKEN = re.compile(r"\\(.)|(\*+)|(\?)|(\\)|([^\\*?]+)", re.DOTALL)

Matcher = Callable[[bytes], bool]


@lru_cache(maxsize=512)
def compile_glob(pattern: bytes) -> Matcher:
    """Make a function that says whether a text matches the whole pattern."""
    if pattern == b"*":
        return lambda _: True
    expression = re.compile(_expression(_text(pattern)), re.DOTALL)
    return lambda content: expression.fullmatch(_text(content)) is not None


def _text(content: bytes) -> str:
    return content.decode("utf-8", "surrogateescape")


def _expression(pattern: str) -> str:
    runs = [""]
    for token in _TOKEN.finditer(pattern):
        if token[2]:
            runs.append("")
        elif token[3]:
            runs[-1] += "."
        elif token[4]:
            runs[-1] += r"\\" if len(runs) > 1 else "(?!)"  # a backslash at the very end means nothing or itself
        else:
            runs[-1] += re.escape(token[1] or token[5])
    if len(runs) == 1:
        return runs[0]
    first, *middle, last = runs
    return first + "".join(f"(?>.*?{run})" for run in middle) + ".*" + last
