"""docs/install.md, command by command: what helm is told it does at the real API server, and every name in it exists there."""

import itertools
import os
import re
import shlex
import subprocess
from pathlib import Path

import pytest
import yaml

from argosy.servers.apiserver import ApiServer
from tests.charts.helm import CHART, EXAMPLES, Helm, Rendered

ROOT = CHART.parents[1]
PAGE = (ROOT / "docs" / "install.md").read_text()
COMMANDS = [line for block in re.findall(r"```sh\n(.*?)```", PAGE, re.DOTALL) for line in block.splitlines()]
MINIMAL = next(path for path in EXAMPLES if path.stem == "minimal")


def of(program: str) -> list[str]:
    """Give the page's commands of a program."""
    found = [line for line in COMMANDS if line.startswith(f"{program} ")]
    assert found
    return found


@pytest.fixture
def rendered(helm3: Helm) -> Rendered:
    """Give what the page installs."""
    return helm3.template(MINIMAL, name="argosy", namespace="argo")


def test_every_command_is_one_that_this_test_knows() -> None:
    """A command that is added to the page is added here."""
    assert {line.split()[0].partition("=")[0] for line in COMMANDS} == {"cp", "helm", "kubectl", "aws", "QUEUE_URL"}


def test_helm_does_what_the_page_tells_it(helm3: Helm, cluster: ApiServer, tmp_path: Path) -> None:
    """Copied from the page into a shell in the checkout: copy the values, install, upgrade, uninstall."""
    cluster.client.namespace("argo")
    (tmp_path / "helm").symlink_to(helm3.program)
    for name in ("charts", "examples"):
        (tmp_path / name).symlink_to(ROOT / name)
    kubeconfig = cluster.kubeconfig(tmp_path / "kubeconfig")
    env = {"PATH": f"{tmp_path}:{os.environ['PATH']}", "KUBECONFIG": str(kubeconfig), "HOME": str(tmp_path)}
    env["NO_PROXY"] = "127.0.0.1"
    leave = re.findall(r"`(helm [^`]*uninstall[^`]*)`", PAGE)
    for command in [*of("cp"), *(line for line in of("helm") if " test " not in line), *leave]:
        done = subprocess.run(["sh", "-c", command], cwd=tmp_path, env=env, capture_output=True, text=True, check=False)
        assert done.returncode == 0, f"{command}\n{done.stderr}"
        if " install " in command:
            image = cluster.client.get("/apis/apps/v1/namespaces/argo/deployments/argosy-sensor-orders")
            found = image["spec"]["template"]["spec"]["containers"][0]["image"]
            assert found.startswith("registry.example.com/argosy:")
    assert not cluster.client.get("/apis/apps/v1/namespaces/argo/deployments")["items"]


def test_what_kubectl_is_told_to_look_at_is_there(rendered: Rendered) -> None:
    """Namespaces, labels and names of the page are those of the chart."""
    labels = {
        tuple(sorted(o["spec"]["template"]["metadata"]["labels"].items()))
        for kind in ("Deployment", "StatefulSet")
        for o in rendered.of(kind).values()
    }
    for command in of("kubectl"):
        words = shlex.split(command, comments=True)
        assert words[1:3] == ["-n", "argo"]
        for selector in [after for before, after in itertools.pairwise(words) if before == "-l"]:
            assert all({tuple(selector.split("="))} <= set(pod) for pod in labels)
        for word in words:
            if word.startswith("deployment/"):
                assert word.removeprefix("deployment/") in rendered.of("Deployment")
    assert {"7777"} <= {word for command in of("kubectl") for word in command.split()}


def test_the_queue_of_the_page_is_that_of_the_values() -> None:
    """Region and queue in the commands are those that the copied file has at first."""
    queue = yaml.safe_load(MINIMAL.read_text())["eventSources"]["orders"]["spec"]["sqs"]["placed"]
    assert f"--region {queue['region']} --queue-name {queue['queue']} " in "\n".join(COMMANDS)
    assert f"arn:aws:sqs:{queue['region']}:111122223333:{queue['queue']}" in PAGE
