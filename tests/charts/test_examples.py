"""Every example of values: linted, rendered alike by helm 3 and 4, as it was before, and taken by the real API server."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from argosy.servers.apiserver import ApiServer
from tests.charts.applied import Applier
from tests.charts.helm import CHART, EXAMPLES, Helm, Rendered
from tests.charts.snapshots import KEPT, SNAPSHOTS, normal

OTHERS = ("orders", "billing", "web", "jobs", "gpu")
"""Namespaces that the examples' triggers act on."""


@pytest.fixture(params=EXAMPLES, ids=lambda path: path.stem)
def example(request: pytest.FixtureRequest) -> Path:
    """Give each example."""
    path: Path = request.param
    return path


def test_there_are_examples() -> None:
    """The tests below have something to test."""
    assert {"minimal", "production", "keda", "from-argo-events"} <= {path.stem for path in EXAMPLES}


def test_lint_finds_nothing(helm3: Helm, helm4: Helm, example: Path) -> None:
    """`helm lint --strict` of both versions is content."""
    for helm in (helm3, helm4):
        assert "0 chart(s) failed" in helm.run("lint", "--strict", CHART, "--values", example)


def test_helm_3_and_4_render_the_same(helm3: Helm, helm4: Helm, example: Path) -> None:
    """No object depends on the version of helm."""
    assert normal(helm3.template(example).objects) == normal(helm4.template(example).objects)


@pytest.mark.parametrize("name", KEPT)
def test_nothing_changed_unnoticed(helm3: Helm, name: str) -> None:
    """What is rendered is what was looked at: `python -m tests.charts.snapshots` after a change that is meant."""
    [example] = [path for path in EXAMPLES if path.stem == name]
    assert normal(helm3.template(example).objects) == yaml.safe_load((SNAPSHOTS / f"{name}.yaml").read_text())


def test_the_api_server_takes_every_object(helm3: Helm, example: Path, cluster: ApiServer, unique: str) -> None:
    """Applied on the server's side, each field known by name; PodMonitor and the like against stubs (`crds`)."""
    for name in (unique, *OTHERS):
        cluster.client.namespace(name)
    rendered = helm3.template(example, namespace=unique)
    assert rendered.objects
    Applier(cluster, unique).all(rendered.objects)


def test_restricted_namespaces_take_the_pods(helm3: Helm, example: Path, cluster: ApiServer, unique: str) -> None:
    """Admission with `pod-security.kubernetes.io/enforce: restricted` accepts each pod as it is."""
    labels = {"pod-security.kubernetes.io/enforce": "restricted"}
    cluster.client.ensure("/api/v1/namespaces", {"metadata": {"name": unique, "labels": labels}})
    rendered = helm3.template(example, namespace=unique)
    for account in ("default", "orders-eventsource", "operate-workflow-sa"):
        cluster.client.ensure(f"/api/v1/namespaces/{unique}/serviceaccounts", {"metadata": {"name": account}})
    for account in rendered.of("ServiceAccount").values():
        Applier(cluster, unique).one(account)
    cluster.client.ensure("/apis/scheduling.k8s.io/v1/priorityclasses", {"metadata": {"name": "high"}, "value": 1000})
    for name, spec in _pods(rendered):
        pod = {"metadata": {"name": name}, "spec": spec}
        cluster.client.create(f"/api/v1/namespaces/{unique}/pods?dryRun=All&fieldValidation=Strict", pod)


def _pods(rendered: Rendered) -> Iterator[tuple[str, dict[str, Any]]]:
    """Give the pods that controllers would make, with an empty folder in the place of each claimed volume."""
    for kind in ("Deployment", "StatefulSet"):
        for name, owner in rendered.of(kind).items():
            pod = owner["spec"]["template"]["spec"]
            claims = [claim["metadata"]["name"] for claim in owner["spec"].get("volumeClaimTemplates", ())]
            yield name, pod | {"volumes": [*pod["volumes"], *({"name": claim, "emptyDir": {}} for claim in claims)]}
    for name, test in rendered.of("Pod").items():
        yield name, test["spec"]


def test_a_namespace_that_is_restricted_refuses_others(cluster: ApiServer, unique: str) -> None:
    """The check above could fail: a pod that is not like that is refused."""
    labels = {"pod-security.kubernetes.io/enforce": "restricted"}
    cluster.client.ensure("/api/v1/namespaces", {"metadata": {"name": unique, "labels": labels}})
    cluster.client.ensure(f"/api/v1/namespaces/{unique}/serviceaccounts", {"metadata": {"name": "default"}})
    pod = {"metadata": {"name": "bare"}, "spec": {"containers": [{"name": "main", "image": "busybox"}]}}
    with pytest.raises(Exception, match="violates PodSecurity"):
        cluster.client.create(f"/api/v1/namespaces/{unique}/pods?dryRun=All", pod)
