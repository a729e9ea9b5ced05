"""Constraints on versions: `>=1.2 <2 || ~3.1`, read as Masterminds' semver 3.5 does."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from common.sprig.values import SprigError
from common.sprig.versions import Version, compare_prereleases, version

_OPERATOR = r"(?:!=|>=|=>|<=|=<|~>|=|>|<|~|\^|)"
_TAIL = r"(?:-[0-9A-Za-z\-]+(?:\.[0-9A-Za-z\-]+)*)?(?:\+[0-9A-Za-z\-]+(?:\.[0-9A-Za-z\-]+)*)?"
_LOOSE = rf"v?[0-9|xX*]+(?:\.[0-9|xX*]+)?(?:\.[0-9|xX*]+)?{_TAIL}"
_ONE = re.compile(
    rf"\s*({_OPERATOR})\s*v?([0-9|xX*]+)(\.[0-9|xX*]+)?(\.[0-9|xX*]+)?((?:-[0-9A-Za-z\-]+(?:\.[0-9A-Za-z\-]+)*)?)"
    r"(?:\+[0-9A-Za-z\-]+(?:\.[0-9A-Za-z\-]+)*)?\s*"
)
_RANGE = re.compile(rf"\s*({_LOOSE})\s+-\s+({_LOOSE})\s*")
_FIND = re.compile(rf"{_OPERATOR}\s*{_LOOSE}")
_VALID = re.compile(rf"(?:\s*{_OPERATOR}\s*{_LOOSE}\s*)(?:(?:\s+|,\s*){_OPERATOR}\s*{_LOOSE}\s*)*")
_ANY = frozenset({"x", "X", "*"})
_LONGEST, _MOST_GROUPS = 512, 32


@dataclass(frozen=True, slots=True)
class Constraint:
    """One comparison. `loose`: a part is missing; `any_minor`, `any_patch`: it is that part."""

    operator: str
    version: Version
    loose: bool
    any_minor: bool
    any_patch: bool

    def holds(self, other: Version, *, prereleases: bool) -> bool:
        """Say whether a version is within."""
        if other.prerelease and not prereleases:
            return False
        return _CHECKS[self.operator](other, self)


def semver(text: str) -> Version:
    """Read a version."""
    return version(text)


def semver_compare(constraint: str, text: str) -> bool:
    """Say whether a version meets a constraint."""
    groups = parse(constraint)
    other = version(text)
    for group in groups:
        prereleases = any(each.version.prerelease for each in group)
        if all(each.holds(other, prereleases=prereleases) for each in group):
            return True
    return False


@lru_cache(maxsize=256)
def parse(text: str) -> tuple[tuple[Constraint, ...], ...]:
    """Read groups of constraints: any group must hold, and all within it. Raises `SprigError`."""
    if len(text) > _LONGEST:
        raise SprigError(f"constraint string is too long (max {_LONGEST} bytes)")
    alternatives = _RANGE.sub(r">= \1, <= \2 ", text).split("||")
    if len(alternatives) > _MOST_GROUPS:
        raise SprigError(f"too many constraint groups (max {_MOST_GROUPS})")
    groups = []
    for each in alternatives:
        if not _VALID.fullmatch(each):
            raise SprigError(f'improper constraint: "{each}"')
        groups.append(tuple(_constraint(one) for one in _FIND.findall(each)))
    return tuple(groups)


def _constraint(text: str) -> Constraint:
    match = _ONE.fullmatch(text)
    if match is None:
        raise SprigError(f'improper constraint: "{text}"')
    operator, major, minor, patch, tail = (group or "" for group in match.groups())
    any_minor = any_patch = loose = False
    if major in _ANY:
        wanted, loose = f"0.0.0{tail}", True
    elif minor[1:] in _ANY or not minor:
        wanted, loose, any_minor = f"{major}.0.0{tail}", True, True
    elif patch[1:] in _ANY or not patch:
        wanted, loose, any_patch = f"{major}{minor}.0{tail}", True, True
    else:
        wanted = f"{major}{minor}{patch}{tail}"
    try:
        return Constraint(operator, version(wanted), loose, any_minor, any_patch)
    except SprigError as error:
        raise SprigError("constraint parser error") from error


def _unequal(other: Version, wanted: Constraint) -> bool:
    base = wanted.version
    if wanted.loose:
        if base.major != other.major:
            return True
        if wanted.any_minor:
            return False
        if base.minor != other.minor:
            return True
        if wanted.any_patch:
            tails = other.prerelease or base.prerelease
            return bool(tails) and compare_prereleases(other.prerelease, base.prerelease) != 0
    return other.compare(base) != 0


def _greater(other: Version, wanted: Constraint) -> bool:
    base = wanted.version
    if wanted.loose:
        if other.major != base.major:
            return other.major > base.major
        if wanted.any_minor:
            return False
        if wanted.any_patch:
            return other.minor > base.minor
    return other.compare(base) > 0


def _less(other: Version, wanted: Constraint) -> bool:
    return other.compare(wanted.version) < 0


def _greater_or_equal(other: Version, wanted: Constraint) -> bool:
    return other.compare(wanted.version) >= 0


def _less_or_equal(other: Version, wanted: Constraint) -> bool:
    base = wanted.version
    if not wanted.loose:
        return other.compare(base) <= 0
    if other.major != base.major:
        return other.major < base.major
    return wanted.any_minor or other.minor <= base.minor


def _tilde(other: Version, wanted: Constraint) -> bool:
    base = wanted.version
    if other.compare(base) < 0:
        return False
    if (base.major, base.minor, base.patch) == (0, 0, 0) and not wanted.any_minor and not wanted.any_patch:
        return True
    return other.major == base.major and (other.minor == base.minor or wanted.any_minor)


def _tilde_or_equal(other: Version, wanted: Constraint) -> bool:
    return _tilde(other, wanted) if wanted.loose else other.compare(wanted.version) == 0


def _caret(other: Version, wanted: Constraint) -> bool:
    base = wanted.version
    if other.compare(base) < 0 or other.major != base.major:
        return False
    if base.major > 0 or wanted.any_minor:
        return True
    if base.minor > 0 or wanted.any_patch:
        return other.minor == base.minor
    return other.minor == 0 and other.patch == base.patch


_CHECKS: dict[str, Callable[[Version, Constraint], bool]] = {
    "": _tilde_or_equal,
    "=": _tilde_or_equal,
    "!=": _unequal,
    ">": _greater,
    "<": _less,
    ">=": _greater_or_equal,
    "=>": _greater_or_equal,
    "<=": _less_or_equal,
    "=<": _less_or_equal,
    "~": _tilde,
    "~>": _tilde,
    "^": _caret,
}

FUNCTIONS: dict[str, Callable[..., Any]] = {"semver": semver, "semverCompare": semver_compare}
