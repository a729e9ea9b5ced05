"""One boolean, number or text as a verb of Go's `fmt` prints it, with its flags, width and precision."""

from dataclasses import dataclass, replace
from typing import Any

from common.sprig.numbers import format_float
from common.sprig.quoting import can_backquote, quote, quote_rune, rune
from common.sprig.values import Sized, encode, wrap

_BASES = {"d": "d", "v": "d", "b": "b", "o": "o", "O": "o", "x": "x", "X": "X"}
_PREFIXES = {"b": "0b", "x": "0x", "X": "0X"}
_FLOAT_VERBS = {"v": ("g", -1), "f": ("f", 6), "F": ("f", 6), "e": ("e", 6), "E": ("E", 6)} | {v: (v, -1) for v in "gGxXb"}
_DEFAULT_DIGITS = 6


@dataclass(frozen=True, slots=True)
class Spec:
    """How to print: a verb with its flags. `sharp_v` is `#` of `%#v`: the value as Go source."""

    verb: str = "v"
    width: int | None = None
    precision: int | None = None
    sharp: bool = False
    zero: bool = False
    plus: bool = False
    minus: bool = False
    space: bool = False
    sharp_v: bool = False

    def pad(self, text: str, *, zeros: bool = True) -> str:
        """Fill a text up to the width."""
        if self.width is None or len(text) >= self.width:
            return text
        if self.minus:
            return text.ljust(self.width)
        return text.rjust(self.width, "0" if self.zero and zeros else " ")


PLAIN = Spec()


def scalar(value: Any, spec: Spec, *, methods: bool = True) -> str | None:  # noqa: ANN401, PLR0911 - one line a type
    """Print a value; None where the verb does not fit it. `methods`: a value may print itself."""
    own = getattr(value, "go_string", None) if methods and not spec.sharp_v and spec.verb in "vsxXq" else None
    if own is not None:
        return _text(own(), spec)
    if methods and spec.sharp_v and spec.verb == "v" and hasattr(value, "go_source"):
        return spec.pad(value.go_source())
    if isinstance(value, bool):
        return spec.pad("true" if value else "false") if spec.verb in "tv" else None
    if isinstance(value, str):
        return _text(value, spec)
    if isinstance(value, int):
        signed = not isinstance(value, Sized) or value.signed
        return _integer(int(value), spec, signed=signed)
    if isinstance(value, float):
        return _float(value, spec)
    if isinstance(value, complex):
        return _complex(value, spec)
    return spec.pad(value.go_string()) if spec.verb == "v" else None


def _text(text: str, spec: Spec) -> str | None:
    verb = spec.verb
    if verb in "vsq":
        text = text if spec.precision is None else text[: spec.precision]
        if verb == "q" or (verb == "v" and spec.sharp_v):
            return spec.pad(f"`{text}`" if spec.sharp and can_backquote(text) else quote(text, ascii_only=spec.plus))
        return spec.pad(text)
    return _text_in_hexadecimal(encode(text), spec) if verb in "xX" else None


def _text_in_hexadecimal(data: bytes, spec: Spec) -> str:
    data = data if spec.precision is None else data[: spec.precision]
    prefix = "0x" if spec.sharp and data else ""
    text = prefix + ((" " + prefix).join(f"{byte:02x}" for byte in data) if spec.space else data.hex())
    return spec.pad(text.upper() if spec.verb == "X" else text)


def _integer(value: int, spec: Spec, *, signed: bool) -> str | None:
    verb = spec.verb
    if verb == "c":
        return spec.pad(rune(value))
    if verb == "q":
        return spec.pad(quote_rune(value, ascii_only=spec.plus))
    if verb == "U":
        return _unicode(value, spec)
    if verb not in _BASES:
        return None
    if verb == "v" and spec.sharp_v and not signed:
        spec = replace(spec, verb="x", sharp=True)
    sign = "-" if value < 0 else "+" if spec.plus else " " if spec.space else ""
    if spec.precision == 0 and not value:
        return " " * (spec.width or 0)
    digits = format(abs(value), _BASES[spec.verb])
    if spec.precision is not None:
        digits = digits.rjust(spec.precision, "0")
    elif spec.zero and not spec.minus and spec.width is not None:
        digits = digits.rjust(spec.width - len(sign), "0")
    return spec.pad(sign + _prefix(digits, spec) + digits, zeros=False)


def _prefix(digits: str, spec: Spec) -> str:
    if spec.verb == "O":
        return "0o" if not spec.sharp or digits.startswith("0") else "0o0"
    if not spec.sharp:
        return ""
    if spec.verb == "o":
        return "" if digits.startswith("0") else "0"
    return _PREFIXES.get(spec.verb, "")


def _unicode(value: int, spec: Spec) -> str:
    digits = format(wrap(value, signed=False), "X").rjust(max(4, spec.precision or 0), "0")
    letter = rune(value)
    shown = f" '{letter}'" if spec.sharp and letter.isprintable() and letter != "�" else ""
    return spec.pad(f"U+{digits}{shown}", zeros=False)


def _float(value: float, spec: Spec) -> str | None:
    if spec.verb not in _FLOAT_VERBS:
        return None
    verb, precision = _FLOAT_VERBS[spec.verb]
    precision = precision if spec.precision is None else spec.precision
    text = format_float(value, verb, precision)
    sign, text = (text[0], text[1:]) if text[0] in "+-" else ("+", text)
    if spec.space and sign == "+" and not spec.plus:
        sign = " "
    if text[0] in "IN":
        return spec.pad(text if text == "NaN" and not spec.space and not spec.plus else sign + text, zeros=False)
    if spec.sharp and verb != "b":
        text = _with_point(text, verb if spec.verb != "v" else "v", precision)
    if not spec.plus and sign == "+":
        return spec.pad(text)
    if spec.zero and not spec.minus and spec.width is not None:
        return sign + text.rjust(spec.width - 1, "0")
    return spec.pad(sign + text)


def _with_point(text: str, verb: str, precision: int) -> str:
    """Write the point and the zeros behind it that `#` asks for."""
    mark = "p" if verb in "xX" else "e"
    at = text.lower().find(mark)
    number, tail = (text, "") if at < 0 else (text[:at], text[at:])
    wanted = (_DEFAULT_DIGITS if precision < 0 else precision) if verb in "vgGx" else 0
    shown = len(number.replace(".", "").lstrip("0"))
    if "." not in number:
        shown += number == "0"
        number += "."
    return number + "0" * max(wanted - shown, 0) + tail


def _complex(value: complex, spec: Spec) -> str | None:
    real, imaginary = _float(value.real, spec), _float(value.imag, replace(spec, plus=True))
    return None if real is None else f"({real}{imaginary}i)"
