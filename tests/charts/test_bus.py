"""The bus: a small NATS of our own, or one that is there already."""

import base64
import subprocess
import sysconfig
from pathlib import Path
from typing import Any

import pytest

from common.subjects import Names
from tests.charts.helm import EXAMPLES, Helm, Refused, Rendered
from tests.charts.items import SENSOR, rendered

ITEMS = {"sensors": {"orders": {"spec": SENSOR}}}
EXTERNAL = {"nats": {"enabled": False}, "externalNats": {"url": "nats://there:4222"}}


def configuration(found: Rendered) -> str:
    """Give the server's configuration."""
    return str(next(c["data"]["nats.conf"] for c in found.of("ConfigMap").values() if "nats.conf" in c["data"]))


def test_a_small_nats_of_our_own(helm3: Helm) -> None:
    """One node by default, with a volume, room for every SQS body, and every confirmed event on the disk."""
    found = rendered(helm3)
    stateful = found.one("StatefulSet")
    assert stateful["spec"]["replicas"] == 1
    assert stateful["spec"]["volumeClaimTemplates"][0]["spec"]["resources"]["requests"]["storage"] == "10Gi"
    text = configuration(found)
    assert "sync_interval: always" in text
    assert f"max_payload: {8 * 2**20}" in text
    assert "cluster {" not in text
    assert found.env("sensor")["NATS_REPLICAS"] == "1"


def test_it_is_the_server_that_argosy_was_tested_with(helm3: Helm) -> None:
    """The bus comes from our own image unless another is named."""
    assert rendered(helm3).main("", "StatefulSet")["image"] == "argosy:0.1.0"
    other = rendered(helm3, nats={"image": {"repository": "nats", "tag": "2.12"}}).main("", "StatefulSet")
    assert (other["image"], other["command"][0]) == ("nats:2.12", "nats-server")


def test_three_nodes(helm3: Helm) -> None:
    """A cluster with routes to all, streams of three copies, one node away at a time, names that wait for no readiness."""
    found = rendered(helm3, nats={"replicas": 3})
    assert found.one("StatefulSet")["spec"]["replicas"] == 3
    assert found.env("sensor")["NATS_REPLICAS"] == "3"
    assert found.one("PodDisruptionBudget", "nats")["spec"]["maxUnavailable"] == 1
    assert found.one("Service", "headless")["spec"]["publishNotReadyAddresses"] is True
    routes = found.env("", "StatefulSet")["ARGOSY_ROUTES"]
    assert [f"rel-argosy-nats-{n}.rel-argosy-nats-headless.argo.svc:6222" in routes for n in range(3)] == [True] * 3
    assert "ldm=" in str(found.main("", "StatefulSet")["lifecycle"])


@pytest.mark.parametrize("password", ["plain", "007", "1e3", "true", "-", "$x"])
def test_any_password_reads_as_text(helm3: Helm, password: str, tmp_path: Path) -> None:
    """The real server takes the configuration, whatever the password looks like to its parser."""
    found = rendered(helm3, nats={"replicas": 3})
    path = tmp_path / "nats.conf"
    path.write_text(configuration(found))
    env = {"NATS_USER": "argosy", "NATS_PASSWORD": password}
    for entry in found.main("", "StatefulSet")["env"]:
        if "value" in entry:
            env[entry["name"]] = entry["value"].replace("$(NATS_USER)", "argosy").replace("$(NATS_PASSWORD)", password)
    server = Path(sysconfig.get_path("scripts")) / "nats-server"
    done = subprocess.run([server, "-t", "--config", path], env=env, capture_output=True, text=True, timeout=30, check=False)
    assert done.returncode == 0, done.stderr
    assert "is valid" in done.stderr


def test_the_login_is_generated(helm3: Helm) -> None:
    """A long password, another for each install; the pods read it from a file (that it stays: test_runs)."""
    one, two = (rendered(helm3).one("Secret")["data"] for _ in range(2))
    assert base64.b64decode(one["username"]) == b"argosy"
    assert len(base64.b64decode(one["password"])) == 32
    assert one["password"] != two["password"]
    env = rendered(helm3).env("sensor")
    assert env["NATS_PASSWORD_FILE"] == "/etc/argosy/bus-auth/password"
    assert "NATS_PASSWORD" not in env


def test_a_login_that_is_there_already(helm3: Helm) -> None:
    """For Argo CD and the like, which render without the cluster: every rendering is the same."""
    found = rendered(helm3, nats={"auth": {"existingSecret": "mine"}})
    assert not found.of("Secret")
    assert found.env("sensor")["NATS_USER"] == {"secretKeyRef": {"name": "mine", "key": "username"}}
    assert found.objects == rendered(helm3, nats={"auth": {"existingSecret": "mine"}}).objects


def test_without_a_volume(helm3: Helm) -> None:
    """To try things; the notes say what that means."""
    found = rendered(helm3, nats={"persistence": {"enabled": False}})
    assert "volumeClaimTemplates" not in found.one("StatefulSet")["spec"]
    assert {"name": "data", "emptyDir": {}} in found.pod("", "StatefulSet")["volumes"]


@pytest.mark.parametrize(("store", "size", "fits"), [("9Gi", "10Gi", True), ("900Mi", "1Gi", True), ("2Gi", "1500Mi", False)])
def test_the_streams_fit_the_volume(helm3: Helm, store: str, size: str, fits: bool) -> None:  # noqa: FBT001
    """A limit above the size of the volume would fill it up, and the bus with it."""
    values = {"maxFileStore": store, "persistence": {"size": size}}
    if fits:
        assert f"max_file_store: {store}" in configuration(rendered(helm3, nats=values))
    else:
        with pytest.raises(Refused, match=r"nats\.maxFileStore: 2Gi is more than the volume holds"):
            rendered(helm3, nats=values)


def test_an_external_nats_with_login_and_tls(helm3: Helm) -> None:
    """No NATS of ours; credentials and certificates are files of Secrets that somebody else keeps."""
    found = helm3.template(next(path for path in EXAMPLES if path.stem == "external-nats"))
    assert not found.of("StatefulSet")
    assert not found.of("Secret")
    env = found.env("sensor")
    assert env["NATS_URL"].startswith("tls://nats-0.")
    assert (env["NATS_CREDS_FILE"], env["NATS_REPLICAS"]) == ("/etc/argosy/bus-auth/argosy.creds", "3")
    assert env["NATS_TLS_CA_FILE"] == "/etc/argosy/bus-tls/ca.crt"
    assert env["NATS_TLS_CERT_FILE"] == "/etc/argosy/bus-tls/tls.crt"
    assert env["NATS_MAX_BYTES"] == "4294967296"
    assert "NATS_USER" not in env


@pytest.mark.parametrize(
    ("auth", "env"),
    [
        ({"userKey": "u", "passwordKey": "p"}, {"NATS_USER": "u", "NATS_PASSWORD_FILE": "p"}),
        ({"tokenKey": "t"}, {"NATS_TOKEN_FILE": "t"}),
        ({"nkeyKey": "n"}, {"NATS_NKEY_FILE": "n"}),
        ({}, {}),
    ],
)
def test_every_way_to_log_in(helm3: Helm, auth: dict[str, str], env: dict[str, str]) -> None:
    """User and password, token, nkey, or none; .creds above. What is secret is a file."""
    login = {"existingSecret": "login", **auth} if auth else {}
    found = rendered(helm3, **{**EXTERNAL, "externalNats": {"url": "nats://there:4222", "auth": login}}).env("sensor")
    names = {"NATS_USER", "NATS_PASSWORD_FILE", "NATS_TOKEN_FILE", "NATS_NKEY_FILE", "NATS_CREDS_FILE"} & set(found)
    assert names == set(env)
    for name, key in env.items():
        file = f"/etc/argosy/bus-auth/{key}"
        assert found[name] in (file, {"secretKeyRef": {"name": "login", "key": key}})


def test_tls_before_the_servers_greeting(helm3: Helm) -> None:
    """A server with `handshake_first` is met as it wants to be, with a CA of the user's or the system's."""
    tls = {"url": "tls://there:4222", "tls": {"handshakeFirst": True}}
    assert rendered(helm3, **{**EXTERNAL, "externalNats": tls}).env("sensor")["NATS_TLS_HANDSHAKE_FIRST"] == "true"
    assert "NATS_TLS_HANDSHAKE_FIRST" not in rendered(helm3, **EXTERNAL).env("sensor")
    assert "NATS_TLS_HANDSHAKE_FIRST" not in rendered(helm3, externalNats=tls).env("sensor"), "our own NATS has no TLS"


@pytest.mark.parametrize(
    ("external", "why"),
    [({}, "externalNats.url: where is NATS?"), ({"url": "nats://a", "auth": {"existingSecret": "x"}}, "none of userKey")],
)
def test_an_external_nats_has_to_be_told(helm3: Helm, external: dict[str, Any], why: str) -> None:
    """What is missing is said in a sentence."""
    with pytest.raises(Refused, match=why.replace("?", r"\?")):
        rendered(helm3, nats={"enabled": False}, externalNats=external)


def test_two_installs_never_meet(helm3: Helm) -> None:
    """Stream, subjects and owner carry namespace and release, and are names that the services take."""
    found = [rendered(helm3).env("sensor"), helm3.template(ITEMS, name="b", namespace="argo-rel").env("sensor")]
    found += [helm3.template(ITEMS, name="rel-b", namespace="argo").env("sensor")]
    for env in found:
        assert Names(env["NATS_STREAM"], env["NATS_SUBJECT_PREFIX"])
    for name in ("NATS_STREAM", "NATS_SUBJECT_PREFIX", "NATS_OWNER"):
        assert len({env[name] for env in found}) == 3
    old = rendered(helm3, bus={"stream": "default", "subjectPrefix": "default", "owner": "me"}).env("sensor")
    assert (old["NATS_STREAM"], old["NATS_SUBJECT_PREFIX"], old["NATS_OWNER"]) == ("default", "default", "me")


def test_both_services_agree_on_the_bus(helm3: Helm) -> None:
    """Every variable of the bus is the same for an event source and for a sensor."""
    found = rendered(helm3)
    source, sensor = ({k: v for k, v in found.env(c).items() if k.startswith("NATS_")} for c in ("eventsource", "sensor"))
    assert source == sensor
    assert source["NATS_URL"] == "nats://rel-argosy-nats.argo.svc:4222"
