"""The flags in `args`, as the `argo` command reads them: `--name value`, `--name=value`, `-p value`, `-pvalue`.

What only changes what the command prints has nothing to print here, and is passed over. Any other flag that an operation does
not know is refused by name when the sensor starts; Argo Events finds out when the command fails.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from common.errors import ConfigurationError


@dataclass(frozen=True, slots=True)
class Flag:
    """One flag: its long name, its letter, and whether it stands alone (`is_switch`)."""

    name: str
    letter: str = ""
    is_switch: bool = False


PRINTING = (
    Flag("output", "o"),
    Flag("loglevel"),
    Flag("gloglevel"),
    Flag("log-format"),
    Flag("verbose", "v", is_switch=True),
    Flag("strict", is_switch=True),
)
_FALSE, _TRUE = frozenset({"0", "f", "F", "false", "FALSE", "False"}), frozenset({"1", "t", "T", "true", "TRUE", "True"})
Given = Mapping[str, tuple[str, ...]]
"""The values of each flag that is there, in order, by its long name; a switch that is on has `true`, else `false`."""


def parse(args: Sequence[str], flags: Sequence[Flag], place: str) -> Given:
    """Read the arguments. Raises `ConfigurationError`, naming the argument."""
    found: dict[str, tuple[str, ...]] = {}
    known = (*flags, *PRINTING)
    position = 0
    while position < len(args):
        text, here = args[position], f"{place}[{position}]"
        position += 1
        flag, value = _flag(text, known, here)
        if value is None and flag.is_switch:
            value = "true"
        elif value is None:
            if position == len(args):
                raise ConfigurationError(f"{here}: {text}: a value is wanted")
            value = args[position]
            position += 1
        found[flag.name] = (*found.get(flag.name, ()), _switch(value, here) if flag.is_switch else value)
    return {name: values for name, values in found.items() if name not in {flag.name for flag in PRINTING}}


def last(given: Given, name: str) -> str:
    """Give the value of a flag that counts once: the last one wins; empty where it is not given."""
    return given[name][-1] if name in given else ""


def is_on(given: Given, name: str) -> bool:
    """Say whether a switch is on."""
    return last(given, name) == "true"


def pairs(text: str, place: str) -> dict[str, str]:
    """Read `a=b,c=d`. Raises `ConfigurationError`."""
    found = {}
    for part in text.split(","):
        key, sign, value = part.partition("=")
        if not key or not sign or "=" in value:
            raise ConfigurationError(f"{place}: {part!r}: a pair such as name=value is wanted")
        found[key] = value
    return found


def _flag(text: str, known: Sequence[Flag], here: str) -> tuple[Flag, str | None]:
    """Find the flag, and the value where it stands in the same argument."""
    if text.startswith("--"):
        name, sign, value = text[2:].partition("=")
        found = next((flag for flag in known if flag.name == name), None)
    elif text.startswith("-") and len(text) > 1:
        value = text[2:]
        found = next((flag for flag in known if flag.letter == text[1]), None)
        sign = value
        value = value.removeprefix("=")
    else:
        raise ConfigurationError(f"{here}: {text!r}: only flags have a meaning here: the source says which object is meant")
    if found is None:
        raise ConfigurationError(f"{here}: {text.partition('=')[0]}: this operation does not support this flag")
    return found, value if sign else None


def _switch(value: str, here: str) -> str:
    if value not in _TRUE | _FALSE:
        raise ConfigurationError(f"{here}: {value!r}: true or false is wanted")
    return "true" if value in _TRUE else "false"
