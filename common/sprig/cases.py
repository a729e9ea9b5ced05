"""Letters large and small: `upper`, `title`, `snakecase`, `camelcase`, `initials` and their kin."""

import re
import unicodedata
from collections.abc import Callable
from typing import Any

from common.sprig.strings import SPACE
from common.sprig.values import decode, encode

_FIRST_CJK = 0x3400
_CJK = (range(0x4E00, 0x9FCD), range(0x3400, 0x4D86), range(0x20000, 0x2B81E))
_NUMBERS = frozenset({"Nd", "Nl", "No"})
# Over the kinds of letters: dashes, spaces, other punctuation, upper case, other letters, numbers, anything else.
_WORDS = re.compile(
    "(?P<connector>[ds]+)|(?P<punctuation>p[pd]*)|(?P<upper>U+(?=Ul)|Ul+|U+)|(?P<letters>l+)|(?P<number>n+)|(?P<other>o+)"
)


_STRAY = re.compile("[\udc80-\udcff]")


def _letters(text: str) -> str:
    """Give the characters of a text; where Go goes through them it puts U+FFFD for each byte that is no UTF-8."""
    return text if text.isascii() else _STRAY.sub("�", decode(encode(text)))


def _one(letter: str, other: str) -> str:
    """Keep a letter where its counterpart is more than one: Go maps letters one by one."""
    return other if len(other) == 1 else letter


def _upper(letter: str) -> str:
    return _one(letter, letter.upper())


def _lower(letter: str) -> str:
    return "i" if letter == "İ" else _one(letter, letter.lower())


def _title(letter: str) -> str:
    return _one(letter, letter.title())


def upper(text: str) -> str:
    """Make all letters large."""
    return text.upper() if text.isascii() else "".join(map(_upper, _letters(text)))


def lower(text: str) -> str:
    """Make all letters small."""
    return text.lower() if text.isascii() else "".join(map(_lower, _letters(text)))


def title(text: str) -> str:
    """Make the first letter of each word large."""
    made, before = [], " "
    for letter in _letters(text):
        made.append(_title(letter) if _separates(before) else letter)
        before = letter
    return "".join(made)


def _separates(letter: str) -> bool:
    if letter.isascii():
        return not (letter.isalnum() or letter == "_")
    return not (letter.isalpha() or unicodedata.category(letter) == "Nd") and letter in SPACE


def untitle(text: str) -> str:
    """Make the first letter of each word small."""
    made, first = [], True
    for letter in _letters(text):
        if letter in SPACE:
            first = True
            made.append(letter)
        else:
            made.append(_lower(letter) if first else letter)
            first = False
    return "".join(made)


def swapcase(text: str) -> str:
    """Make large letters small, small ones large, and those that begin a word title case."""
    made, begins = [], True
    for letter in _letters(text):
        if _is_upper(letter) or unicodedata.category(letter) == "Lt":
            made.append(_lower(letter))
            begins = False
        elif unicodedata.category(letter) == "Ll":
            made.append(_title(letter) if begins else _upper(letter))
            begins = False
        else:
            made.append(letter)
            begins = letter in SPACE
    return "".join(made)


def initials(text: str) -> str:
    """Give the first byte of each word, as a character."""
    return "".join(word[0] for word in _bytes_as_characters(text).translate(_SPACES).split(" ") if word)


def nospace(text: str) -> str:
    """Take out all white space; where there is some, bytes are read as characters."""
    letters = _bytes_as_characters(text)
    kept = "".join(letter for letter in letters if letter not in SPACE)
    return text if len(kept) == len(letters) else kept


_SPACES = str.maketrans(dict.fromkeys(SPACE, " "))


def _bytes_as_characters(text: str) -> str:
    return encode(text).decode("latin-1")


def _is_upper(letter: str) -> bool:
    return unicodedata.category(letter) == "Lu"


def _is_connector(letter: str) -> bool:
    return letter in "-_" or letter in SPACE


def _is_letter(letter: str) -> bool:
    """Say whether a letter may make up words in camel case; Chinese ones do not."""
    return letter.isalpha() and (ord(letter) < _FIRST_CJK or not any(ord(letter) in each for each in _CJK))


def camelcase(text: str) -> str:
    """Write words as `SomeWords`."""
    text = _letters(text)
    start = next((at for at, letter in enumerate(text) if not _is_connector(letter)), len(text))
    if start == len(text):
        # Go's library writes the last one twice.
        return text + text[-1:]
    made, before, was_upper = list(text[:start]), _upper(text[start]), _is_upper(text[start])
    for letter in text[start + 1 :]:
        now = letter
        if _is_connector(now) and _is_connector(before):
            made.append(before)
        elif _is_connector(before):
            was_upper, now = _is_upper(now), _upper(now)
        else:
            if was_upper:
                was_upper = _is_upper(now)
                now = _lower(now) if was_upper else now
            made.append(before)
        before = now
    return "".join([*made, before])


def snakecase(text: str) -> str:
    """Write words as `some_words`."""
    return _joined(text, "_")


def kebabcase(text: str) -> str:
    """Write words as `some-words`."""
    return _joined(text, "-")


def _joined(text: str, connector: str) -> str:
    return _Joiner(text, connector).run()


class _Joiner:
    """Cuts a text into words by what their letters are, and joins them with one connector."""

    def __init__(self, text: str, connector: str) -> None:
        self.connector = connector
        self.words = _words(text)
        self.at = 0
        self.made: list[str] = []

    def run(self) -> str:
        while self.at < len(self.words) - 1:
            kind, word = self.words[self.at]
            if kind != "connector":
                self.add(kind, word)
            self.at += 1
            if kind == "number":
                self.letters_and_numbers()
            elif kind == "connector":
                self.add(kind, word)
            elif kind != "punctuation":
                self.after_letters()
        if self.at < len(self.words):
            self.add(*self.words[self.at])
        return "".join(self.made)

    def kind(self) -> str:
        return self.words[self.at][0] if self.at < len(self.words) else ""

    def add(self, kind: str, word: str) -> None:
        if kind == "connector":
            word = self.connector * len(word)
        elif kind == "upper":
            word = "".join(_lower(letter) if _is_upper(letter) else letter for letter in word)
        self.made.append(word)

    def letters_and_numbers(self) -> None:
        """Keep small letters and digits with what stands before them."""
        while self.kind() in {"letters", "number"}:
            self.add(*self.words[self.at])
            self.at += 1
        self.connect()

    def connect(self) -> None:
        if self.kind() not in {"", "punctuation", "connector"}:
            self.made.append(self.connector)

    def after_letters(self) -> None:
        """Decide whether a number belongs to the word before it or to the one behind it."""
        if self.kind() != "number":
            self.connect()
        elif self.at < len(self.words) - 1:
            kind, word = self.words[self.at]
            self.at += 1
            if self.kind() != "letters":
                self.add(kind, word)
                self.connect()
            else:
                self.made.append(self.connector)
                self.add(kind, word)
                self.letters_and_numbers()


def _kind(letter: str) -> str:
    if letter in "-_":
        return "d"
    category = unicodedata.category(letter)
    if letter in SPACE or category.startswith("P"):
        return "s" if letter in SPACE else "p"
    if category == "Lu":
        return "U"
    if _is_letter(letter):
        return "l"
    return "n" if category in _NUMBERS else "o"


def _words(text: str) -> list[tuple[str, str]]:
    """Cut a text into runs of one kind; `HTTPStatus` is `HTTP` and `Status`, both called upper."""
    found = _WORDS.finditer("".join(map(_kind, text)))
    return [(match.lastgroup or "", text[match.start() : match.end()]) for match in found]


FUNCTIONS: dict[str, Callable[..., Any]] = {
    "camelcase": camelcase,
    "initials": initials,
    "kebabcase": kebabcase,
    "lower": lower,
    "nospace": nospace,
    "snakecase": snakecase,
    "swapcase": swapcase,
    "title": title,
    "untitle": untitle,
    "upper": upper,
}
