"""Writes the table of values into the chart's README, from the comments `# -- …` of values.yaml.

`python tools/chart_readme.py` writes it, `python tools/chart_readme.py --check` ends with 1 if it is not current. A value
without a comment, and a comment without a value, are faults.
"""

import json
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

CHART = Path(__file__).parents[1] / "charts" / "argosy"
README, VALUES = CHART / "README.md", CHART / "values.yaml"
BEGIN, END = "<!-- values: written by tools/chart_readme.py -->", "<!-- end of values -->"
_KEY = re.compile(r"( *)([A-Za-z][A-Za-z0-9]*):(.*)")
_LONGEST = 60
"""Characters of a default that are shown."""


@dataclass(frozen=True, slots=True)
class Row:
    """One value: where it is, and what its comment says. A row without a path is a heading."""

    path: tuple[str, ...]
    text: str


def rows(text: str) -> Iterator[Row]:
    """Read the comments, each with the path of the key below it."""
    path: list[tuple[int, str]] = []
    comment: list[str] = []
    for line in text.splitlines():
        stripped = line.strip()
        if stripped.startswith("## "):
            yield Row((), stripped.removeprefix("## "))
        elif stripped.startswith("# -- "):
            comment = [stripped.removeprefix("# -- ")]
        elif stripped.startswith("#"):
            comment += [stripped.removeprefix("#").strip()] if comment else []
        elif match := _KEY.fullmatch(line):
            path = [(indent, key) for indent, key in path if indent < len(match[1])] + [(len(match[1]), match[2])]
            if comment:
                yield Row(tuple(key for _, key in path), " ".join(comment))
            comment = []


def table(text: str) -> str:
    """Write the table."""
    values, found = yaml.safe_load(text), list(rows(text))
    told = {row.path for row in found if row.path}
    untold = [".".join(path) for path in _leaves(values) if not any(path[:n] in told for n in range(1, len(path) + 1))]
    if untold:
        sys.exit(f"values.yaml: no comment `# -- …` tells of {', '.join(untold)}")
    lines: list[str] = []
    for row in found:
        if row.path:
            lines.append(f"| `{'.'.join(row.path)}` | {_default(values, row.path)} | {_cell(row.text)} |")
        else:
            lines += ["", f"### {row.text}", "", "| value | default | meaning |", "|---|---|---|"]
    return "\n".join(lines)


def _leaves(values: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:  # noqa: ANN401 - any YAML
    if isinstance(values, dict) and values:
        for key, value in values.items():
            yield from _leaves(value, (*path, key))
    else:
        yield path


def _default(values: Any, path: tuple[str, ...]) -> str:  # noqa: ANN401 - any YAML
    for key in path:
        values = values[key]
    shown = json.dumps(values)
    return f"`{shown}`" if len(shown) <= _LONGEST else "see values.yaml"


def _cell(text: str) -> str:
    """Escape what a table would take for its own, outside of code."""
    parts = text.replace("|", "\\|").split("`")
    return "`".join(part if n % 2 else part.replace("<", "&lt;") for n, part in enumerate(parts))


def main() -> None:
    """Write or check."""
    text = README.read_text()
    head, begin, rest = text.partition(BEGIN)
    _, end, tail = rest.partition(END)
    if not (begin and end):
        sys.exit(f"{README} has no markers {BEGIN} … {END}")
    current = f"{head}{BEGIN}\n{table(VALUES.read_text())}\n\n{END}{tail}"
    if "--check" not in sys.argv:
        README.write_text(current)
    elif current != text:
        sys.exit("the values in the chart's README are not current: python tools/chart_readme.py")


if __name__ == "__main__":
    main()
