"""The words of the language."""

import pytest

from eventsource.filter.errors import ExpressionError, Place
from eventsource.filter.lexer import is_name, tokens


def words(text: str) -> list[tuple[str, str]]:
    """Give kind and value of each word."""
    return [(token.kind, token.value) for token in tokens(text)[:-1]]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        (" \t\n\u00a0", []),
        ("a // b\n c", [("identifier", "a"), ("identifier", "c")]),
        ("a /* b\n **/ c", [("identifier", "a"), ("identifier", "c")]),
        ("1..3", [("number", "1"), ("operator", ".."), ("number", "3")]),
        ("1.5", [("number", "1.5")]),
        (".5", [("number", ".5")]),
        ("a.b", [("identifier", "a"), ("operator", "."), ("identifier", "b")]),
        ("0x1Fe", [("number", "0x1Fe")]),
        ("1_000", [("number", "1_000")]),
        ("2**-3", [("number", "2"), ("operator", "**"), ("operator", "-"), ("number", "3")]),
        ("a?.b ?? c", [*words("a"), ("operator", "?."), *words("b"), ("operator", "??"), *words("c")]),
        ("a||b|c", [*words("a"), ("operator", "||"), *words("b"), ("operator", "|"), *words("c")]),
        ("not in", [("operator", "not"), ("operator", "in")]),
        ("#acc", [("operator", "#"), ("identifier", "acc")]),
        ("#in", [("operator", "#"), ("identifier", "in")]),
        ("$env", [("identifier", "$env")]),
        ("žluť", [("identifier", "žluť")]),
        ("{[()]}", [("bracket", sign) for sign in "{[()]}"]),
    ],
)
def test_words(text: str, expected: list[tuple[str, str]]) -> None:
    """A text falls into the words that Go finds."""
    assert words(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('"a"', "a"),
        ("'a'", "a"),
        (r'"a\"b"', 'a"b'),
        (r"'a\'b'", "a'b"),
        (r'"\a\b\f\n\r\t\v\\"', "\a\b\f\n\r\t\v\\"),
        (r'"\x41b"', "Ab"),
        (r'"\u00e9b"', "éb"),
        (r'"\U0001F600"', "😀"),
        (r'"\101"', "A"),
        (r'"\xff"', "ÿ"),
        (r'"\ud800"', "\ufffd"),
        ('"a\rb"', "a\nb"),
    ],
)
def test_strings(text: str, expected: str) -> None:
    """Escapes mean what they mean in Go."""
    assert words(text) == [("string", expected)]


@pytest.mark.parametrize(
    "text",
    [
        '"a',
        '"a\nb"',
        r'"\q"',
        r'"\x4"',
        r'"\u12"',
        r'"\400"',
        r'"\U00110000"',
        r'"\'"',
        "`a`",
        "a ~ b",
        "@",
        "/* a",
        "1a",
        "0xg",
    ],
)
def test_what_is_no_word(text: str) -> None:
    """What Go does not know is refused, with the place."""
    with pytest.raises(ExpressionError) as caught:
        tokens(text)
    assert caught.value.place is not None


def test_places_count_lines_and_columns_from_one() -> None:
    """A person finds the place in an editor."""
    assert [token.place for token in tokens("a\n  bé c")] == [Place(1, 1), Place(2, 3), Place(2, 6), Place(2, 6)]


@pytest.mark.parametrize(("text", "expected"), [("a1", True), ("_", True), ("1a", False), ("", False), ("a-b", False)])
def test_names(text: str, expected: bool) -> None:  # noqa: FBT001
    """Operators that are words may name a member, signs may not."""
    assert is_name(text) is expected
