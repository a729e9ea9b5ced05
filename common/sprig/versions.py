"""Semantic versions, read loosely as Masterminds' semver 3.5 does."""

import re
from dataclasses import dataclass, replace

from common.sprig.quoting import quote
from common.sprig.values import SprigError, Struct

VERSION = r"v?([0-9]+)(\.[0-9]+)?(\.[0-9]+)?(-([0-9A-Za-z\-]+(\.[0-9A-Za-z\-]+)*))?(\+([0-9A-Za-z\-]+(\.[0-9A-Za-z\-]+)*))?"
_VERSION = re.compile(VERSION)
_LONGEST = 256
_MOST = 1 << 64
_PART = re.compile(r"[0-9A-Za-z-]+")


@dataclass(frozen=True, slots=True, eq=False)
class Version(Struct):
    """`*semver.Version`."""

    major: int
    minor: int
    patch: int
    prerelease: str = ""
    metadata: str = ""
    original: str = ""

    go_type = "*semver.Version"
    go_kind = "ptr"

    def go_string(self) -> str:
        """Write all three numbers and what follows."""
        text = f"{self.major}.{self.minor}.{self.patch}"
        return text + (f"-{self.prerelease}" if self.prerelease else "") + (f"+{self.metadata}" if self.metadata else "")

    def go_source(self) -> str:
        """Write the version as Go source, which is what `%#v` prints."""
        numbers = f"major:{self.major:#x}, minor:{self.minor:#x}, patch:{self.patch:#x}"
        texts = f"pre:{quote(self.prerelease)}, metadata:{quote(self.metadata)}, original:{quote(self.original)}"
        return f"&semver.Version{{{numbers}, {texts}}}"

    def compare(self, other: "Version") -> int:
        """Say whether this is older (-1), newer (1) or the same (0)."""
        mine, yours = (self.major, self.minor, self.patch), (other.major, other.minor, other.patch)
        if mine != yours:
            return -1 if mine < yours else 1
        if not self.prerelease or not other.prerelease:
            return bool(other.prerelease) - bool(self.prerelease)
        return compare_prereleases(self.prerelease, other.prerelease)

    def changed(self, **parts: int | str) -> "Version":
        """Give a version with other parts; it is written with a `v` if this one was."""
        made = replace(self, **parts)  # type: ignore[arg-type]
        return replace(made, original=("v" if self.original.startswith("v") else "") + made.go_string())


def compare_prereleases(one: str, other: str) -> int:
    """Compare what follows the dash, part by part: numbers before words, less before more."""
    mine, yours = one.split("."), other.split(".")
    for at in range(max(len(mine), len(yours))):
        if at >= len(mine) or at >= len(yours):
            return -1 if at >= len(mine) else 1
        if mine[at] != yours[at]:
            return -1 if _key(mine[at]) < _key(yours[at]) else 1
    return 0


def _key(part: str) -> tuple[bool, int, str]:
    is_number = part.isdigit() and int(part) < _MOST
    return not is_number, int(part) if is_number else 0, part


def version(text: str) -> Version:
    """Read a version: `1`, `v1.2`, `1.2.3-rc.1+build`. Raises `SprigError`."""
    if len(text) > _LONGEST:
        raise SprigError(f"version string is too long (max {_LONGEST} bytes)")
    match = _VERSION.fullmatch(text)
    if match is None:
        raise SprigError("invalid semantic version")
    numbers = [int((match[group] or "0").removeprefix(".")) for group in (1, 2, 3)]
    if max(numbers) >= _MOST:
        raise SprigError("error parsing version segment: value out of range")
    check_prerelease(match[5] or "")
    return Version(numbers[0], numbers[1], numbers[2], match[5] or "", match[8] or "", text)


def check_prerelease(text: str) -> None:
    """Refuse what may not follow the dash."""
    for part in text.split(".") if text else ():
        if not _PART.fullmatch(part):
            raise SprigError("invalid prerelease string")
        if part.isdigit() and len(part) > 1 and part.startswith("0"):
            raise SprigError("version segment starts with 0")


def check_metadata(text: str) -> None:
    """Refuse what may not follow the plus."""
    if text and not all(map(_PART.fullmatch, text.split("."))):
        raise SprigError("invalid metadata string")
