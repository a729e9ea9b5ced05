"""Writes docs/settings.md from the settings classes of both services.

`python tools/settings.py` writes it, `python tools/settings.py --check` ends with 1 if it is not current.
"""

import sys
from pathlib import Path

from common.settings import BusSettings, PodSettings, Settings, documented
from eventsource.settings import EventSourceSettings
from sensor.settings import SensorSettings

PAGE = Path(__file__).parents[1] / "docs" / "settings.md"
HEAD = """# Settings

Written by `tools/settings.py` from the classes that read these variables; a test compares. An empty variable counts as
absent. A wrong value ends the process with exit code 2 and one line that names the variable, before any connection opens.
The AWS libraries read their own variables besides (`AWS_ROLE_ARN`, `AWS_ENDPOINT_URL_SQS`, …).
"""
GROUPS: tuple[tuple[str, type[Settings]], ...] = (
    ("Both services", PodSettings),
    ("Both services: the bus", BusSettings),
    ("The event source", EventSourceSettings),
    ("The sensor", SensorSettings),
)


def page() -> str:
    """Write the page."""
    parts = [HEAD]
    for title, group in GROUPS:
        lines = [f"## {title}", "", (group.__doc__ or "").strip(), "", "| variable | default | meaning |", "|---|---|---|"]
        for names, default, meaning in documented(group).values():
            shown = "" if default in (None, "") else f"`{default}`"
            lines.append(f"| {', '.join(f'`{name}`' for name in names.split(', '))} | {shown} | {_cell(meaning)} |")
        parts.append("\n".join(lines) + "\n")
    return "\n".join(parts)


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("<", "&lt;")


def main() -> None:
    """Write or check."""
    if "--check" not in sys.argv:
        PAGE.write_text(page())
    elif not PAGE.exists() or PAGE.read_text() != page():
        sys.exit("docs/settings.md is not current: python tools/settings.py")


if __name__ == "__main__":
    main()
