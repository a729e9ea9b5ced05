"""Regular expressions by Go's rules, on RE2. The results are those of sprig 3.3 itself."""

import pytest

from common.sprig import FUNCTIONS
from common.sprig.printing import show


@pytest.mark.parametrize(
    ("name", "arguments", "printed"),
    [
        ("regexMatch", ("^a+$", "aaa"), "true"),
        ("regexMatch", ("[", "a"), "false"),
        ("regexFind", ("[a-c]+", "xxabcab"), "abcab"),
        ("regexFindAll", ("a*", "baac", -1), "[ aa ]"),
        ("regexFindAll", ("x", "abc", -1), "[]"),
        ("regexReplaceAll", ("a(x*)b", "-ab-axxb-", "${1}W"), "-W-xxW-"),
        ("regexReplaceAll", ("a(?P<n>x*)b", "-axxb-", "<$n|$2|$$>"), "-<xx||$>-"),
        ("regexReplaceAllLiteral", ("a", "banana", "$1"), "b$1n$1n$1"),
        ("regexSplit", ("z+", "pizzaz", 2), "[pi az]"),
        ("regexSplit", ("", "abc", -1), "[a b c]"),
        ("regexSplit", ("a", "", -1), "[]"),
        ("regexMatch", (r"\C", "a"), "false"),
        ("regexMatch", (r"\Q\C\E", r"\C"), "true"),
        ("regexMatch", (r"^\p{Uppercase_Letter}\p{greek}$", "A\u03b1"), "true"),
        ("regexMatch", ("\udced\udca0\udc80", "a"), "false"),
        ("regexReplaceAllLiteral", ("x*", "\udce6\udc97", "-"), "-\udce6-\udc97-"),
        ("regexQuoteMeta", ("1.2*[é]",), "1\\.2\\*\\[é\\]"),
    ],
)
def test_it_gives_what_sprig_gives(name: str, arguments: tuple[object, ...], printed: str) -> None:
    """Templates that users bring along go on to mean the same."""
    result = FUNCTIONS[name](*arguments)
    assert ("<no value>" if result is None else show(result)) == printed
