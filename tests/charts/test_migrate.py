"""What `argosy migrate` writes is what the chart takes: rendered, the pods read the very specs that were given."""

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.testing import CliRunner

from argosy.cli import app
from argosy.files import documents
from common import yamltext
from tests.charts.helm import Helm, Rendered

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "migrate-from-argo-events.md"
SEED = sorted((ROOT / "examples" / "seed").glob("*.yaml"))
LARGE = [ROOT / "tests" / "unit" / "argosy" / "manifests" / "argo-events.yaml"]
LEFT = ("template", "replicas", "service", "revisionHistoryLimit", "webhook")
"""Parts of a spec that are not the pod's: the chart reads them, or they were named as left out or refused."""


def rendered(helm: Helm, files: list[Path], *options: str) -> Rendered:
    """Migrate files and render the chart with the result."""
    result = CliRunner().invoke(app, ["migrate", *options, *map(str, files)])
    assert result.stdout
    values = helm.folder / "migrated.yaml"
    values.write_text(result.stdout)
    helm.run("lint", "--strict", ROOT / "charts" / "argosy", "--values", values)
    return helm.template(values, namespace="argo-events")


def mounted(objects: Rendered) -> dict[str, Any]:
    """Give the specs in the ConfigMaps, as the pods read them."""
    texts = [text for config in objects.of("ConfigMap").values() for text in config["data"].values()]
    found = [d for text in texts if "argoproj.io" in text for d in yamltext.load_all(text, "ConfigMap")]
    return {f"{d['kind']}/{d['metadata']['name']}": d["spec"] for d in found}


@pytest.mark.promise("I6")
@pytest.mark.parametrize("files", [SEED, LARGE], ids=["seed", "large"])
def test_the_pods_read_what_was_given(helm3: Helm, helm4: Helm, files: list[Path]) -> None:
    """Through values and chart nothing of a spec changes, neither a number nor a text that looks like one."""
    given = {
        f"{d['kind']}/{d['metadata']['name']}": {key: value for key, value in d["spec"].items() if key not in LEFT}
        for file in files
        for d in documents(str(file))
        if d["kind"] in ("EventSource", "Sensor") and d["metadata"]["name"] != "forwards"
    }
    assert mounted(rendered(helm3, files)) == given
    assert mounted(rendered(helm4, files)) == given


def test_what_stood_in_the_template_is_that_of_the_pod(helm3: Helm) -> None:
    """Replicas, account, labels, environment and resources arrive, base64 with them, and the login of the bus."""
    objects = rendered(helm3, LARGE)
    source = objects.one("Deployment", "eventsource-orders")
    assert source["spec"]["replicas"] == 2
    assert source["spec"]["template"]["metadata"]["labels"]["cost"] == "shop"
    assert objects.pod("eventsource-orders")["serviceAccountName"] == "orders-eventsource"
    assert objects.main("eventsource-orders")["resources"]["requests"] == {"cpu": "200m", "memory": "128Mi"}
    env = objects.env("eventsource-orders")
    assert env["HTTPS_PROXY"] == "http://proxy:3128"
    assert env["EVENTSOURCE_BODY_ENCODING"] == "base64"
    assert env["NATS_STREAM"] == env["NATS_SUBJECT_PREFIX"] == "default"
    assert env["NATS_USER"] == {"secretKeyRef": {"name": "argosy-bus", "key": "username"}}
    assert objects.one("Deployment", "sensor-orders")["spec"]["revisionHistoryLimit"] == 3
    assert "StatefulSet" not in {o["kind"] for o in objects.objects}


def test_with_text_the_bodies_are_text(helm3: Helm) -> None:
    """Then nothing is said of the encoding, and the chart's own default holds."""
    assert rendered(helm3, SEED, "--text").env("eventsource-orders")["EVENTSOURCE_BODY_ENCODING"] == "text"


def test_the_commands_of_the_page_work(helm3: Helm, tmp_path: Path) -> None:
    """Each block that needs no cluster is run as it stands."""
    blocks = re.findall(r"```sh\n(.+?)```", PAGE.read_text(), re.DOTALL)
    assert len(blocks) == 4
    for name in ("examples", "charts"):
        (tmp_path / name).symlink_to(ROOT / name)
    path = f"{Path(sys.executable).parent}:{helm3.program.parent}:{os.environ['PATH']}"
    programs = tmp_path / "bin"
    programs.mkdir()
    (programs / "helm").symlink_to(helm3.program)
    env = {"PATH": f"{programs}:{path}", "HOME": str(tmp_path)}
    for block in blocks:
        done = subprocess.run(
            ["bash", "-euc", block], cwd=tmp_path, env=env, capture_output=True, text=True, timeout=60, check=False
        )
        assert done.returncode == 0, block + done.stderr
    assert yaml.safe_load((tmp_path / "values.yaml").read_text())["sensors"]


def test_every_command_of_the_page_and_of_the_runbooks_exists() -> None:
    """A page never sends anybody to a command that is not there."""
    commands = {one.name for one in (*app.registered_commands, *app.registered_groups)}
    for page in (PAGE, *(ROOT / "docs" / "runbooks").glob("*.md")):
        named = set(re.findall(r"(?:^|[`$|] ?|-- )argosy ([a-z]+)", page.read_text(), re.MULTILINE))
        assert named <= commands, page.name
