"""What the examples are rendered to, kept beside the tests: `python -m tests.charts.snapshots` writes them anew."""

import copy
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import yaml

from tests.charts import helm

SNAPSHOTS = Path(__file__).parent / "snapshots"
KEPT = ("minimal", "production")
"""The examples whose rendering is kept: the plainest, and the one that uses most."""


def normal(objects: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Sort the objects; leave out the password, which is drawn by lot, and rules and dashboards, which have their own tests."""
    found = [copy.deepcopy(o) for o in objects if "-dashboard-" not in o["metadata"]["name"]]
    for rendered in found:
        if rendered["kind"] == "Secret":
            assert rendered["data"].pop("password")
        elif rendered["kind"] == "PrometheusRule":
            assert rendered["spec"].pop("groups")
    return sorted(found, key=lambda o: (o["kind"], o["metadata"].get("namespace", ""), o["metadata"]["name"]))


def main() -> None:
    """Write them all."""
    SNAPSHOTS.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        renders = helm.Helm(helm.program("3"), Path(folder))
        for example in [path for path in helm.EXAMPLES if path.stem in KEPT]:
            text = yaml.safe_dump(normal(renders.template(example).objects), width=128, allow_unicode=True)
            (SNAPSHOTS / f"{example.stem}.yaml").write_text(text)


if __name__ == "__main__":
    main()
