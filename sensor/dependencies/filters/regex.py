"""Regular expressions of filters: RE2, whose syntax is Go's, and whose time grows with the text and not beyond."""

import re
from functools import lru_cache

import re2

from common.sprig.unicodeclasses import as_re2_spells

# RE2 takes `\C` for any byte and knows groups with names beyond ASCII; Go does neither.
_ESCAPE = re.compile(r"\\Q.*?(?:\\E|\Z)|\\(.)", re.DOTALL)
# Outside of classes nothing else can look like the name of a group.
_NAMED = re.compile(r"\(\?P?<[^>\x00-\x7f]*[^\x00-\x7f]")


class BadPattern(ValueError):
    """The pattern cannot be compiled."""


class Pattern:
    """A compiled pattern."""

    __slots__ = ("_search", "text")

    def __init__(self, text: str) -> None:
        options = re2.Options()
        options.log_errors = False
        self.text = text
        self._search = re2.compile(as_re2_spells(text), options=options).search

    def found_in(self, text: str) -> bool:
        """Say whether it matches anywhere in the text."""
        return self._search(text) is not None

    def __str__(self) -> str:
        return self.text


@lru_cache(maxsize=1024)
def compile_pattern(text: str) -> Pattern:
    """Compile a pattern; the same text is compiled once. Raises `BadPattern`."""
    if any(step[1] == "C" for step in _ESCAPE.finditer(text)):
        raise BadPattern(f"error parsing regexp: invalid escape sequence: `\\C`: `{text}`")
    if _NAMED.search(_ESCAPE.sub("", text)):
        raise BadPattern(f"error parsing regexp: invalid named capture: `{text}`")
    try:
        return Pattern(text)
    except (re2.error, UnicodeEncodeError) as error:
        why = error.args[0].decode("utf-8", "replace") if error.args and isinstance(error.args[0], bytes) else str(error)
        raise BadPattern(f"error parsing regexp: {why}: `{text}`") from error
