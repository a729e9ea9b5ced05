"""Helm for the tests of the chart, and an API server that knows what the chart's objects are."""

import os
from pathlib import Path

import pytest

from argosy.servers.apiserver import ApiServer
from argosy.servers.process import Unavailable
from tests.charts import crds, helm
from tests.charts.helm import Helm


def _helm(major: str, folder: Path) -> Helm:
    try:
        return Helm(helm.program(major), folder)
    except Unavailable as error:
        if os.environ.get("CI") == "true":
            pytest.fail(str(error), pytrace=False)
        pytest.skip(str(error))


@pytest.fixture
def helm3(tmp_path: Path) -> Helm:
    """Give helm 3, which most clusters are run with."""
    return _helm("3", tmp_path)


@pytest.fixture
def helm4(tmp_path: Path) -> Helm:
    """Give helm 4."""
    return _helm("4", tmp_path)


@pytest.fixture
def cluster(kube: ApiServer) -> ApiServer:
    """Give the API server with the kinds of the Prometheus operator and of KEDA, as far as the chart uses them."""
    for crd in crds.ALL:
        kube.client.ensure("/apis/apiextensions.k8s.io/v1/customresourcedefinitions", crd)
    for crd in crds.ALL:
        spec = crd["spec"]
        version = spec["versions"][0]["name"]
        kube.client._wait_until_served(f"/apis/{spec['group']}/{version}/{spec['names']['plural']}")
    return kube
