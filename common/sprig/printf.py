"""Formats as Go's `fmt.Sprintf` reads them: `%[2]*.3f`, and what it says where a format and its values do not fit."""

import re
from dataclasses import dataclass, replace
from typing import Any

from common.sprig.printing import Printer
from common.sprig.values import type_of
from common.sprig.verbs import PLAIN, Spec

_LITERAL = re.compile(r"[^%]+")
_FLAGS = re.compile(r"[#0+\- ]*")
_DIGITS = re.compile(r"[0-9]*")
_INDEX = re.compile(r"\[([^\]]*)\]")
_MOST = 1_000_000
_SHORTEST_INDEX = 3


def sprintf(template: str, values: list[Any]) -> str:
    """Print values by a format. Never fails: what is wrong is told in the text, as in Go."""
    return _Format(template, values).run()


@dataclass
class _Format:
    template: str
    values: list[Any]
    at: int = 0
    argument: int = 0
    reordered: bool = False
    good: bool = True
    indexed: bool = False

    def run(self) -> str:
        out = Printer()
        while self.at < len(self.template):
            literal = _LITERAL.match(self.template, self.at)
            if literal is not None:
                out.write(literal[0])
                self.at = literal.end()
                continue
            self.at += 1
            if not self._verb(out):
                break
        if not self.reordered and self.argument < len(self.values):
            self._extra(out)
        return out.text

    def _verb(self, out: Printer) -> bool:
        """Print one verb; say whether there was one."""
        self.good, self.indexed = True, False
        spec = self._flags()
        simple = self.template[self.at : self.at + 1]
        if not ("a" <= simple <= "z" and self.argument < len(self.values)):
            self._index()
            spec = self._width(spec, out)
            spec = self._precision(spec, out)
            if not self.indexed:
                self._index()
        if self.at >= len(self.template):
            out.write("%!(NOVERB)")
            return False
        verb = self.template[self.at]
        self.at += 1
        self._print(verb, spec, out)
        return True

    def _print(self, verb: str, spec: Spec, out: Printer) -> None:
        if verb == "%":
            out.write("%")
        elif not self.good:
            out.write(f"%!{verb}(BADINDEX)")
        elif self.argument >= len(self.values):
            out.write(f"%!{verb}(MISSING)")
        else:
            if verb in "vw":
                spec = replace(spec, sharp_v=spec.sharp, sharp=False, plus=False)
            out.value(self.values[self.argument], replace(spec, verb=verb))
            self.argument += 1

    def _flags(self) -> Spec:
        match = _FLAGS.match(self.template, self.at)
        flags = match[0] if match else ""
        self.at += len(flags)
        if not flags:
            return PLAIN
        return Spec(sharp="#" in flags, zero="0" in flags, plus="+" in flags, minus="-" in flags, space=" " in flags)

    def _index(self) -> None:
        """Read `[n]`: the number of the next value, from 1."""
        self.indexed = False
        if not self.template.startswith("[", self.at):
            return
        self.reordered = True
        match = _INDEX.match(self.template, self.at)
        if match is None or len(self.template) - self.at < _SHORTEST_INDEX:
            self.at += 1
            self.good = False
            return
        self.at = match.end()
        self.indexed = match[1].isascii() and match[1].isdigit()
        if self.indexed and 1 <= int(match[1][:9]) <= len(self.values):
            self.argument = int(match[1][:9]) - 1
        else:
            self.good = False

    def _width(self, spec: Spec, out: Printer) -> Spec:
        if self.template.startswith("*", self.at):
            self.at += 1
            width = self._number()
            self.indexed = False
            if width is None:
                out.write("%!(BADWIDTH)")
                return spec
            return replace(spec, width=abs(width), minus=spec.minus or width < 0, zero=spec.zero and width >= 0)
        width = self._digits()
        if self.indexed and width is not None:
            self.good = False
        return replace(spec, width=width)

    def _precision(self, spec: Spec, out: Printer) -> Spec:
        if not (self.template.startswith(".", self.at) and self.at + 1 < len(self.template)):
            return spec
        self.at += 1
        if self.indexed:
            self.good = False
        self._index()
        if self.template.startswith("*", self.at):
            self.at += 1
            precision = self._number()
            self.indexed = False
            if precision is None or precision < 0:
                out.write("%!(BADPREC)")
                return spec
            return replace(spec, precision=precision)
        return replace(spec, precision=self._digits() or 0)

    def _digits(self) -> int | None:
        match = _DIGITS.match(self.template, self.at)
        digits = match[0] if match else ""
        if len(digits.lstrip("0")) > len(str(_MOST)) + 1 or int(digits[:-1] or "0") > _MOST:
            self.at = len(self.template)
            return None
        self.at += len(digits)
        return int(digits) if digits else None

    def _number(self) -> int | None:
        """Take a width or a precision from the values."""
        if self.argument >= len(self.values):
            return None
        value = self.values[self.argument]
        self.argument += 1
        if isinstance(value, bool) or not isinstance(value, int) or abs(value) > _MOST:
            return None
        return int(value)

    def _extra(self, out: Printer) -> None:
        out.write("%!(EXTRA ")
        for number, value in enumerate(self.values[self.argument :]):
            out.write(", " if number else "")
            if value is None:
                out.write("<nil>")
            else:
                out.write(f"{type_of(value)}=")
                out.value(value)
        out.write(")")
