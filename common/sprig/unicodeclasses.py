r"""Names of Unicode classes, `\p{Greek}`: as Go takes them since 1.25, in any case, with any blanks, and by their long names.

RE2 takes the short names of categories and the names of scripts alone, as they are spelled. Source of the long names:
https://www.unicode.org/Public/UCD/latest/ucd/PropertyValueAliases.txt
"""

import re

# Texts in `\Q…\E` and other escapes are stepped over.
_CLASS = re.compile(r"\\Q.*?(?:\\E|\Z)|\\([pP])(?:\{(\^?)([^{}]*)\}|([A-Za-z]))|\\.", re.DOTALL)
_BETWEEN = re.compile(r"[ _-]+")
_LONGEST_CATEGORY = 2
_NAMES = (
    "other=C control=Cc cntrl=Cc format=Cf privateuse=Co surrogate=Cs letter=L lowercaseletter=Ll "
    "modifierletter=Lm otherletter=Lo titlecaseletter=Lt uppercaseletter=Lu mark=M combiningmark=M "
    "spacingmark=Mc enclosingmark=Me nonspacingmark=Mn number=N decimalnumber=Nd digit=Nd "
    "letternumber=Nl othernumber=No punctuation=P punct=P connectorpunctuation=Pc dashpunctuation=Pd "
    "closepunctuation=Pe finalpunctuation=Pf initialpunctuation=Pi otherpunctuation=Po "
    "openpunctuation=Ps symbol=S currencysymbol=Sc modifiersymbol=Sk mathsymbol=Sm othersymbol=So "
    "separator=Z lineseparator=Zl paragraphseparator=Zp spaceseparator=Zs"
)
_CATEGORIES = dict(pair.split("=") for pair in _NAMES.split())


def as_re2_spells(pattern: str) -> str:
    """Spell the classes of a pattern as RE2 knows them; unknown ones stay unknown."""
    return _CLASS.sub(_spelled, pattern) if "\\p" in pattern or "\\P" in pattern else pattern


def _spelled(match: re.Match[str]) -> str:
    name = match[3] or match[4]
    if not name:
        return match[0]
    short = _BETWEEN.sub("", name).lower()
    if short not in _CATEGORIES and len(short) > _LONGEST_CATEGORY:
        script = "_".join(word.capitalize() for word in _BETWEEN.split(name) if word)
        return f"\\{match[1]}{{{match[2] or ''}{script}}}"
    return f"\\{match[1]}{{{match[2] or ''}{_CATEGORIES.get(short, short.capitalize())}}}"
