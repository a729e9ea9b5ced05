"""Numbers, characters and texts as they stand in a template."""

from common.sprig.numbers import parse_float, parse_int
from common.sprig.quoting import unquote
from common.sprig.values import SprigError
from sensor.templates.errors import Fault
from sensor.templates.lexer import Kind, Token
from sensor.templates.nodes import Number

_MOST_INT, _MOST_UINT = 1 << 63, 1 << 64
_POINTS = frozenset(".eEpP")
_STRAY_FROM, _STRAY_TO = 0xDC80, 0xDCFF


def text(token: Token) -> str:
    """Read a text in quotes or backquotes. Raises `Fault`."""
    if token.kind is Kind.RAW:
        return token.text[1:-1].replace("\r", "")
    try:
        return unquote(token.text[1:-1], '"')
    except SprigError as error:
        raise Fault(str(error), token.at) from error


def number(token: Token) -> Number:
    """Read a number or a character. Raises `Fault`."""
    if token.kind is Kind.CHARACTER:
        return _integer(token, _character(token))
    if token.kind is Kind.COMPLEX or token.text.endswith("i"):
        return _complex(token)
    unsigned = _unsigned(token.text)
    integer = parse_int(token.text)
    if integer is not None:
        return _integer(token, integer)
    if unsigned is not None:
        return Number(token.at, token.text, None, unsigned, float(unsigned), None)
    value = parse_float(token.text)
    if value is None:
        raise Fault(f"illegal number syntax: {token.text!r}", token.at)
    if not _POINTS.intersection(token.text):
        raise Fault(f"integer overflow: {token.text!r}", token.at)
    return Number(token.at, token.text, _whole(value, -_MOST_INT, _MOST_INT), _whole(value, 0, _MOST_UINT), value, value)


def _integer(token: Token, value: int) -> Number:
    return Number(token.at, token.text, value, value if value >= 0 else None, float(value), value)


def _whole(value: float, least: int, most: int) -> int | None:
    return int(value) if least <= value < most and value == int(value) else None


def _unsigned(text: str) -> int | None:
    """Read what fits no `int64` but a `uint64`."""
    if text[0] in "+-":
        return None
    try:
        value = int(text, 0) if len(text) < _MOST_UINT.bit_length() * 2 else _MOST_UINT
    except ValueError:
        return None
    return value if value < _MOST_UINT else None


def _character(token: Token) -> int:
    try:
        letter = unquote(token.text[1:-1], "'")
    except SprigError as error:
        raise Fault(str(error), token.at) from error
    if len(letter) != 1:
        raise Fault(f"malformed character constant: {token.text}", token.at)
    value = ord(letter)
    return value - _STRAY_FROM + 0x80 if _STRAY_FROM <= value <= _STRAY_TO else value


def _complex(token: Token) -> Number:
    body = token.text[:-1]
    cut = max(body.rfind("+"), body.rfind("-")) if token.kind is Kind.COMPLEX else 0
    real, imaginary = parse_float(body[:cut]) if cut else 0.0, parse_float(body[cut:])
    if real is None or imaginary is None:
        raise Fault(f"illegal number syntax: {token.text!r}", token.at)
    whole = _whole(real, -_MOST_INT, _MOST_INT) if not imaginary else None
    return Number(token.at, token.text, whole, whole, real if not imaginary else None, complex(real, imaginary))
