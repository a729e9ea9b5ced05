"""Strings: cut, trim, search, quote, in bytes where Go counts bytes. The results are those of sprig 3.3 itself."""

import pytest

from common.sprig import FUNCTIONS
from common.sprig.printing import show


@pytest.mark.parametrize(
    ("name", "arguments", "printed"),
    [
        ("abbrev", (7, "hello world"), "hell..."),
        ("abbrev", (3, "hello"), "hello"),
        ("abbrevboth", (5, 10, "1234 5678 9123"), "...5678..."),
        ("cat", ("a", None, 1, 2.5), "a 1 2.5"),
        ("contains", ("b", "abc"), "true"),
        ("hasPrefix", ("a", "abc"), "true"),
        ("hasSuffix", ("bc", "abc"), "true"),
        ("indent", (2, "a\nb"), "  a\n  b"),
        ("nindent", (2, "a"), "\n  a"),
        ("join", ("-", ["a", None, 1.0]), "a-1"),
        ("join", (",", "x"), "x"),
        ("plural", ("one", "many", 1), "one"),
        ("quote", ('a\n"é', None, 3), '"a\\n\\"é" "3"'),
        ("squote", ("it's", 1), "'it's' '1'"),
        ("repeat", (3, "ab"), "ababab"),
        ("replace", ("a", "b", "banana"), "bbnbnb"),
        ("split", ("$", "a$b"), "map[_0:a _1:b]"),
        ("splitList", ("", "žx"), "[ž x]"),
        ("splitn", ("$", 2, "a$b$c"), "map[_0:a _1:b$c]"),
        ("splitn", ("$", 0, "a$b"), "map[]"),
        ("substr", (1, 3, "abcdef"), "bc"),
        ("substr", (-1, 3, "abcdef"), "abc"),
        ("substr", (2, -1, "abcdef"), "cdef"),
        ("toString", ([1.0, {"a": None}],), "[1 map[a:<nil>]]"),
        ("toStrings", ([1.0, None, "x"],), "[1 x]"),
        ("trim", ("\xa0 a \n",), "a"),
        ("trimAll", ("$", "$5.00$"), "5.00"),
        ("trimAll", ("\udcff", "\udcc3a�"), "a"),
        ("trimPrefix", ("-", "--x"), "-x"),
        ("trimSuffix", (".", "a.."), "a."),
        ("trunc", (-3, "abcdef"), "def"),
        ("trunc", (2, "abcdef"), "ab"),
        ("wrap", (5, "aa bb  cc toolongword d"), "aa bb\ncc\ntoolongword\nd"),
        ("wrapWith", (3, "|", "aabbcc d"), "aab|bcc|d"),
        ("hello", (), "Hello!"),
    ],
)
def test_it_gives_what_sprig_gives(name: str, arguments: tuple[object, ...], printed: str) -> None:
    """Templates that users bring along go on to mean the same."""
    result = FUNCTIONS[name](*arguments)
    assert ("<no value>" if result is None else show(result)) == printed
