"""NetworkPolicies: those in and out that have to, and nobody else."""

from typing import Any

from tests.charts.helm import EXAMPLES, Helm
from tests.charts.items import rendered

ON = {"networkPolicy": {"enabled": True}}
NATS = {"app.kubernetes.io/name": "argosy", "app.kubernetes.io/instance": "rel", "app.kubernetes.io/component": "nats"}


def out(policy: dict[str, Any]) -> dict[Any, Any]:
    """Give what may be reached: port → to whom, None where to anybody."""
    return {port["port"]: rule.get("to") for rule in policy["spec"]["egress"] for port in rule["ports"]}


def test_none_by_default(helm3: Helm) -> None:
    """Whoever has no network plug-in for it is not told stories."""
    assert not rendered(helm3).of("NetworkPolicy")


def test_each_kind_of_pod_has_one(helm3: Helm) -> None:
    """Event source, sensor and bus; each selects its own pods, and says both directions."""
    found = rendered(helm3, **ON)
    owners = {**found.of("Deployment"), **found.of("StatefulSet")}
    assert set(found.of("NetworkPolicy")) == set(owners)
    for name, policy in found.of("NetworkPolicy").items():
        assert policy["spec"]["podSelector"] == owners[name]["spec"]["selector"]
        assert policy["spec"]["policyTypes"] == ["Ingress", "Egress"]


def test_an_event_source_reaches_dns_the_bus_and_sqs(helm3: Helm) -> None:
    """And the agents on the node that hand out credentials."""
    reached = out(rendered(helm3, **ON).one("NetworkPolicy", "eventsource"))
    assert reached[53] is None
    assert reached[4222] == [{"podSelector": {"matchLabels": NATS}}]
    assert reached[443] is None
    assert {peer["ipBlock"]["cidr"] for peer in reached[80]} == {"169.254.170.23/32", "169.254.169.254/32"}
    assert set(reached) == {53, 4222, 443, 80}


def test_a_sensor_reaches_dns_the_bus_the_api_server_and_its_targets(helm3: Helm) -> None:
    """The API server's address can be said; the port of an http target is taken from its URL."""
    given = {"networkPolicy": {"enabled": True, "apiServerCIDRs": ["10.0.0.1/32"]}}
    reached = out(rendered(helm3, **given).one("NetworkPolicy", "sensor"))
    assert reached[443] == reached[6443] == [{"ipBlock": {"cidr": "10.0.0.1/32"}}]
    targets = helm3.template(next(path for path in EXAMPLES if path.stem == "targets"))
    assert 8443 in out(targets.one("NetworkPolicy", "sensor-notify"))
    assert 9324 in out(targets.one("NetworkPolicy", "eventsource"))
    server = {"firing": {"argoServer": {"url": "https://argo-server.argo:2746"}}}
    assert 2746 in out(rendered(helm3, sensor=server, **ON).one("NetworkPolicy", "sensor"))


def test_an_external_bus_is_reached_by_its_ports(helm3: Helm) -> None:
    """Its pods cannot be known, its ports can."""
    external = {"nats": {"enabled": False}, "externalNats": {"url": "tls://a:4223, b"}}
    reached = out(rendered(helm3, **ON, **external).one("NetworkPolicy", "sensor"))
    assert {4223, 4222} <= set(reached)


def test_who_may_come_in(helm3: Helm) -> None:
    """Scrapers, clients of the bus, its own nodes, and who asks how much waits; each on its port alone."""
    peer, other = {"namespaceSelector": {"matchLabels": {"name": "monitoring"}}}, {"podSelector": {"matchLabels": {"cli": "x"}}}
    given = {"networkPolicy": {"enabled": True, "metricsFrom": [peer], "natsFrom": [other], "monitoringFrom": [peer]}}
    found = rendered(helm3, **given)
    assert found.one("NetworkPolicy", "sensor")["spec"]["ingress"] == [
        {"ports": [{"port": "metrics", "protocol": "TCP"}], "from": [peer]}
    ]
    rules = {rule["ports"][0]["port"]: rule["from"] for rule in found.one("NetworkPolicy", "nats")["spec"]["ingress"]}
    clients = {k: v for k, v in NATS.items() if not k.endswith("component")}
    assert rules["client"] == [{"podSelector": {"matchLabels": clients}}, other]
    assert rules["cluster"] == [{"podSelector": {"matchLabels": NATS}}]
    assert rules["monitor"] == [peer]
    assert clients.items() <= found.one("Deployment", "sensor")["spec"]["template"]["metadata"]["labels"].items()


def test_what_else_goes_out(helm3: Helm) -> None:
    """Rules of the user's reach every policy of the services."""
    rule = {"ports": [{"port": 3128, "protocol": "TCP"}]}
    found = rendered(helm3, networkPolicy={"enabled": True, "extraEgress": [rule]})
    for part in ("sensor", "eventsource"):
        assert rule in found.one("NetworkPolicy", part)["spec"]["egress"]
