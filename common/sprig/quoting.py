"""Text in quotes, as `strconv.Quote` writes it, and read back as Go's compiler does."""

import re

from common.sprig.values import SprigError, decode, encode

_SHORT = {"\a": "\\a", "\b": "\\b", "\f": "\\f", "\n": "\\n", "\r": "\\r", "\t": "\\t", "\v": "\\v", "\\": "\\\\"}
_LONG = {escaped[1]: plain for plain, escaped in _SHORT.items()}
_ESCAPE = re.compile(r"\\(?:([abfnrtv\\'\"])|x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([0-7]{3})|(.?))", re.DOTALL)
_NO_BACKQUOTE = re.compile("[`\x7f\ufeff\x00-\x08\x0a-\x1f\ud800-\udfff]")
_STRAY_FROM, _STRAY_TO = 0xDC80, 0xDCFF
_ASCII, _BMP, _MOST, _BYTE = 0x7F, 0xFFFF, 0x10FFFF, 0xFF
_SURROGATES = range(0xD800, 0xE000)


def quote(text: str, mark: str = '"', *, ascii_only: bool = False) -> str:
    """Write a text in quotes; what does not print is escaped."""
    text = decode(encode(text))
    if text.isprintable() and mark not in text and "\\" not in text and (not ascii_only or text.isascii()):
        return f"{mark}{text}{mark}"
    return mark + "".join([_escape(letter, mark, ascii_only=ascii_only) for letter in text]) + mark


def quote_rune(number: int, *, ascii_only: bool = False) -> str:
    """Write a character in single quotes; U+FFFD stands for what is none."""
    return quote(rune(number), "'", ascii_only=ascii_only)


def rune(number: int) -> str:
    """Give the character of a number; U+FFFD for what is none."""
    return chr(number) if 0 <= number <= _MOST and number not in _SURROGATES else "�"


def can_backquote(text: str) -> bool:
    """Say whether a text may stand in backquotes as it is."""
    return not any(
        letter in "`\x7f\ufeff" or (letter < " " and letter != "\t") or "\ud800" <= letter <= "\udfff" for letter in text
    )


def unquote(body: str, mark: str) -> str:
    """Read what stands between quotes. Raises `SprigError` for an escape that does not exist."""

    def replace(match: re.Match[str]) -> str:
        short, hexadecimal, small, large, octal, wrong = match.groups()
        if wrong is not None or (short in {"'", '"'} and short != mark):
            raise SprigError("invalid syntax")
        if short:
            return _LONG.get(short, short)
        if hexadecimal or octal:
            return _byte(int(hexadecimal, 16) if hexadecimal else int(octal, 8))
        number = int(small or large, 16)
        if number > _MOST or number in _SURROGATES:
            raise SprigError("invalid syntax")
        return chr(number)

    if "\n" in body or mark in _ESCAPE.sub("", body):
        raise SprigError("invalid syntax")
    return decode(encode(_ESCAPE.sub(replace, body))) if "\\" in body else body


def _byte(number: int) -> str:
    if number > _BYTE:
        raise SprigError("invalid syntax")
    return decode(bytes([number]))


def _escape(letter: str, mark: str, *, ascii_only: bool) -> str:
    number = ord(letter)
    if letter == mark:
        return "\\" + mark
    if letter in _SHORT:
        return _SHORT[letter]
    if letter.isprintable() and (number <= _ASCII or not ascii_only):
        return letter
    if _STRAY_FROM <= number <= _STRAY_TO:
        return f"\\x{number - _STRAY_FROM + 0x80:02x}"
    if number <= _ASCII:
        return f"\\x{number:02x}"
    return f"\\u{number:04x}" if number <= _BMP else f"\\U{number:08x}"
