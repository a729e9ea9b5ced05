"""The alerts as they are installed: what the chart adds to the rules breaks none of them."""

import subprocess
from pathlib import Path
from typing import Any

import yaml

from tests.charts.helm import CHART, Helm
from tests.charts.items import SENSOR, SOURCE


def installed(helm: Helm, folder: Path, *values: dict[str, Any]) -> None:
    """Write the rules as they are installed, and the tests of the file in the chart beside them."""
    rule = helm.template({"metrics": {"prometheusRule": {"enabled": True}}}, *values).one("PrometheusRule")
    (folder / "rules.yaml").write_text(yaml.safe_dump({"groups": rule["spec"]["groups"]}))
    (folder / "tests.yaml").write_text((CHART / "rules" / "tests.yaml").read_text())


def run(promtool: Path, folder: Path, *command: str) -> None:
    """Run promtool there; what it does not like fails the test with its words."""
    done = subprocess.run([promtool, *command], cwd=folder, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_installed_rules_pass_their_unit_tests(helm3: Helm, promtool: Path, tmp_path: Path) -> None:
    """The very object that the Prometheus operator reads fires as the file in the chart does."""
    installed(helm3, tmp_path)
    run(promtool, tmp_path, "check", "rules", "rules.yaml")
    run(promtool, tmp_path, "test", "rules", "tests.yaml")


ASLEEP = ("by-keda", "by-hand", "with.dot")
"""Names of sensors that may have no pod."""
AWAKE = ("kept-by-keda", "at-work", "withxdot")


def test_nobody_is_woken_for_pods_that_may_be_gone(helm3: Helm, promtool: Path, tmp_path: Path) -> None:
    """What KEDA may take down to nothing, and what has no replicas, is not missed; everything else is, here and elsewhere."""
    none: dict[str, Any] = {"enabled": True, "minReplicas": 0}
    said = ({"keda": none}, {"replicas": 0}, {"replicas": 0}, {"keda": {**none, "minReplicas": 1}}, {}, {"replicas": 1})
    sensors = {name: {"spec": SENSOR, **beside} for name, beside in zip((*ASLEEP, *AWAKE), said, strict=True)}
    sources = {"here": {"spec": SOURCE, "replicas": 0}}
    installed(helm3, tmp_path, {"sensors": sensors, "eventSources": sources})
    run(promtool, tmp_path, "check", "rules", "rules.yaml")
    series = [f'argosy_sensor_trigger_stopped{{namespace="argo", sensor_name="{name}"}}' for name in sensors]
    series += [f'argosy_sensor_trigger_stopped{{namespace="other", sensor_name="{name}"}}' for name in ASLEEP]
    receive = "argosy_source_last_receive_timestamp_seconds"
    series += [f'{receive}{{namespace="{namespace}", eventsource_name="here"}}' for namespace in ("argo", "other")]
    missed = [f'namespace="argo", sensor_name="{name}"' for name in AWAKE]
    missed += [f'namespace="other", sensor_name="{name}"' for name in ASLEEP]
    missed += ['namespace="other", eventsource_name="here"']
    alert = 'ALERTS{{alertname="ArgosyPodsAbsent", alertstate="firing", severity="critical", {0}}}'
    expected = [{"labels": alert.format(labels), "value": 1} for labels in missed]
    test = {
        "interval": "1m",
        "input_series": [{"series": one, "values": "0x10 stale _x60"} for one in series],
        "promql_expr_test": [
            {"eval_time": "30m", "expr": 'ALERTS{alertname="ArgosyPodsAbsent",alertstate="firing"}', "exp_samples": expected}
        ],
    }
    (tmp_path / "tests.yaml").write_text(yaml.safe_dump({"rule_files": ["rules.yaml"], "tests": [test]}))
    run(promtool, tmp_path, "test", "rules", "tests.yaml")
