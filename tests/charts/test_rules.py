"""The alerts as they are installed: what the chart adds to the rules breaks none of them."""

import subprocess
from pathlib import Path

import yaml

from tests.charts.helm import CHART, Helm


def test_the_installed_rules_pass_their_unit_tests(helm3: Helm, promtool: Path, tmp_path: Path) -> None:
    """The very object that the Prometheus operator reads fires as the file in the chart does."""
    installed = helm3.template({"metrics": {"prometheusRule": {"enabled": True}}}).one("PrometheusRule")
    (tmp_path / "rules.yaml").write_text(yaml.safe_dump({"groups": installed["spec"]["groups"]}))
    (tmp_path / "tests.yaml").write_text((CHART / "rules" / "tests.yaml").read_text())
    for command in (("check", "rules", "rules.yaml"), ("test", "rules", "tests.yaml")):
        done = subprocess.run([promtool, *command], cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
