"""Writes the two dashboards of the chart, charts/argosy/dashboards/*.json.

`python tools/dashboards.py` writes them, `python tools/dashboards.py --check` ends with 1 if one is not current.
"""

import json
import sys
from pathlib import Path

import dashboard_flow
import dashboard_operations

FOLDER = Path(__file__).parents[1] / "charts" / "argosy" / "dashboards"
DASHBOARDS = {"flow": dashboard_flow.DASHBOARD, "operations": dashboard_operations.DASHBOARD}


def main() -> None:
    """Write or check."""
    for name, dashboard in DASHBOARDS.items():
        file = FOLDER / f"{name}.json"
        text = json.dumps(dashboard, indent=1, ensure_ascii=False) + "\n"
        if "--check" not in sys.argv:
            file.write_text(text, encoding="utf-8")
        elif not file.exists() or file.read_text(encoding="utf-8") != text:
            sys.exit(f"charts/argosy/dashboards/{name}.json is not current: python tools/dashboards.py")


if __name__ == "__main__":
    main()
