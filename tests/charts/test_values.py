"""Each thing that an operator can say about pods, and what becomes of it."""

from typing import Any

import pytest

from common import yamltext
from tests.charts.helm import EXAMPLES, Helm, Refused
from tests.charts.items import RESOURCE, SENSOR, SOURCE, rendered

TEXTS = ("{{workflow.name}}", "yes", "1e3", "007", "null", "~", "a: b", " lead", "trail ", "a\nb\n", "'\"\\", "é🚀", "# no", "")


def test_any_number_of_event_sources_and_sensors(helm3: Helm) -> None:
    """None, one or many; each with objects of its own name."""
    assert not helm3.template({}).of("Deployment")
    names = [f"n{n}" for n in range(5)]
    values = {"eventSources": {n: {"spec": SOURCE} for n in names}, "sensors": {n: {"spec": SENSOR} for n in names}}
    assert len(helm3.template(values).of("Deployment")) == 10


def test_replicas_may_be_zero(helm3: Helm) -> None:
    """Nought is a number: it is not taken for a missing one, at any level."""
    zero = rendered(helm3, source={"replicas": 0}, sensorDefaults={"replicas": 0}, defaults={"replicas": 3})
    assert {d["spec"]["replicas"] for d in zero.of("Deployment").values()} == {0}
    assert rendered(helm3, defaults={"replicas": 3}).one("Deployment", "sensor")["spec"]["replicas"] == 3
    assert rendered(helm3).one("Deployment", "sensor")["spec"]["replicas"] == 1


def test_resources(helm3: Helm) -> None:
    """An item's are merged over the defaults; a limit of CPU is nobody's idea but yours."""
    main = rendered(helm3, sensor={"resources": {"requests": {"cpu": "2"}, "limits": {"memory": "1Gi"}}}).main("sensor")
    assert main["resources"] == {"requests": {"cpu": "2", "memory": "96Mi"}, "limits": {"memory": "1Gi"}}


def test_environment(helm3: Helm) -> None:
    """Entries of all levels add up, the nearest of a name counts, and each name stands there once."""
    found = rendered(
        helm3,
        defaults={"env": [{"name": "A", "value": "all"}, {"name": "B", "value": "all"}]},
        sensor={"env": [{"name": "B", "value": "own"}, {"name": "NATS_MAX_BYTES", "value": "7"}]},
        bus={"maxBytes": 5},
    )
    env = found.env("sensor")
    assert (env["A"], env["B"], env["NATS_MAX_BYTES"]) == ("all", "own", "7")
    names = [entry["name"] for entry in found.main("sensor")["env"]]
    assert len(names) == len(set(names))
    assert found.env("eventsource")["NATS_MAX_BYTES"] == "5"


def test_how_an_event_source_reads_and_a_sensor_fires(helm3: Helm) -> None:
    """The settings of each service are values, from the defaults or of its own; a variable in `env` still wins."""
    found = rendered(
        helm3,
        defaults={"reading": {"maxBytesInFlight": 134217728}},
        sensorDefaults={"firing": {"triggerGrace": 600}},
        source={"reading": {"bodyEncoding": "base64", "depthInterval": 7.5}},
        sensor={"firing": {"inFlight": 128, "scriptSeconds": 5}, "env": [{"name": "SENSOR_SCRIPT_SECONDS", "value": "9"}]},
    )
    source, sensor = found.env("eventsource"), found.env("sensor")
    assert (source["EVENTSOURCE_BODY_ENCODING"], source["EVENTSOURCE_DEPTH_INTERVAL"]) == ("base64", "7.5")
    assert (source["EVENTSOURCE_MAX_BYTES_IN_FLIGHT"], source["EVENTSOURCE_VISIBILITY_TIMEOUT"]) == ("134217728", "60")
    assert (sensor["SENSOR_TRIGGER_GRACE"], sensor["SENSOR_IN_FLIGHT"], sensor["SENSOR_SCRIPT_SECONDS"]) == ("600", "128", "9")
    assert not [name for name in source if name.startswith("SENSOR_")]
    assert not [name for name in sensor if name.startswith("EVENTSOURCE_")]


def test_argo_server(helm3: Helm) -> None:
    """Its address, its token and its CA, from a Secret; none for an event source, and none where it is not named."""
    server = {"url": "https://argo-server.argo:2746", "existingSecret": "argo", "tokenKey": "token", "caKey": "ca.crt"}
    found = rendered(helm3, defaults={"firing": {"argoServer": {**server, "insecure": True}}})
    env = {name: value for name, value in found.env("sensor").items() if name.startswith("ARGO_")}
    assert env == {
        "ARGO_SERVER_URL": "https://argo-server.argo:2746",
        "ARGO_SERVER_TOKEN_FILE": "/etc/argosy/argo-server/token",
        "ARGO_SERVER_CA_FILE": "/etc/argosy/argo-server/ca.crt",
        "ARGO_SERVER_INSECURE": "true",
    }
    mount = {"name": "argo-server", "mountPath": "/etc/argosy/argo-server", "readOnly": True}
    assert mount in found.main("sensor")["volumeMounts"]
    assert {"name": "argo-server", "secret": {"secretName": "argo", "defaultMode": 0o440}} in found.pod("sensor")["volumes"]
    for pod in (found.pod("eventsource"), rendered(helm3).pod("sensor")):
        assert "argo-server" not in str(pod)
    with pytest.raises(Refused, match=r"sensors\.orders\.firing\.argoServer\.tokenKey: existingSecret"):
        rendered(helm3, sensor={"firing": {"argoServer": {"url": "http://a", "tokenKey": "t"}}})


@pytest.mark.parametrize("name", ["DRAIN_SECONDS", "METRICS_PORT", "SENSOR_FILE"])
def test_environment_that_the_chart_answers_for_is_refused(helm3: Helm, name: str) -> None:
    """What other parts of the pod depend on is set in its own place, which the refusal names."""
    with pytest.raises(Refused, match=f"sensors.orders.env: {name} is set by"):
        rendered(helm3, sensor={"env": [{"name": name, "value": "1"}]})


def test_env_from(helm3: Helm) -> None:
    """Whole Secrets and ConfigMaps as environment."""
    given = [{"secretRef": {"name": "aws"}}, {"configMapRef": {"name": "settings", "optional": True}}]
    assert rendered(helm3, source={"envFrom": given}).main("eventsource")["envFrom"] == given


def test_secrets_and_config_maps(helm3: Helm) -> None:
    """What a document refers to is mounted where Argo Events mounts it, what is named besides too, and nothing else."""
    targets = helm3.template(next(path for path in EXAMPLES if path.stem == "targets"))
    mounts = {m["mountPath"] for m in targets.main("sensor-notify")["volumeMounts"]}
    assert {p for p in mounts if p.startswith("/argo-events")} == {
        "/argo-events/secrets/hooks",
        "/argo-events/secrets/hooks-ca",
        "/argo-events/config/tenant",
    }
    old = helm3.template(next(path for path in EXAMPLES if path.stem == "from-argo-events"))
    found = {v["secret"]["secretName"] for v in old.pod("eventsource")["volumes"] if "secret" in v}
    assert found == {"aws-secret", "argosy-bus"}, "`metadata: {name, key}` is no reference"
    found = {v["secret"]["secretName"] for v in old.pod("sensor")["volumes"] if "secret" in v}
    assert found == {"argosy-bus"}, "what the Workflow refers to is the Workflow's"
    own = rendered(helm3, sensor={"secrets": ["plain"], "configMaps": ["with.dots"]})
    volumes = {v["name"]: v for v in own.pod("sensor")["volumes"]}
    assert volumes["secret-plain"]["secret"] == {"secretName": "plain"}
    assert volumes["cm-with-dots"]["configMap"] == {"name": "with.dots"}


def test_a_secret_is_optional_only_where_all_say_so(helm3: Helm) -> None:
    """A missing Secret holds the pod back unless nobody insists on it."""
    keys: dict[str, Any] = {name: {"name": "aws", "key": name, "optional": True} for name in ("accessKey", "secretKey")}
    event = SOURCE["sqs"]["placed"]
    spec = {"sqs": {"placed": {**event, **keys}}}
    volumes = {v["name"]: v for v in rendered(helm3, source={"spec": spec}).pod("eventsource")["volumes"]}
    assert volumes["secret-aws"]["secret"]["optional"] is True
    del keys["secretKey"]["optional"]
    volumes = {v["name"]: v for v in rendered(helm3, source={"spec": spec}).pod("eventsource")["volumes"]}
    assert "optional" not in volumes["secret-aws"]["secret"]


def test_further_volumes(helm3: Helm) -> None:
    """Volumes of the user's beside ours."""
    volume, mount = {"name": "ca", "configMap": {"name": "ca"}}, {"name": "ca", "mountPath": "/etc/ca"}
    found = rendered(helm3, sensor={"volumes": [volume], "volumeMounts": [mount]})
    assert volume in found.pod("sensor")["volumes"]
    assert mount in found.main("sensor")["volumeMounts"]


def test_service_account_with_irsa_or_pod_identity(helm3: Helm) -> None:
    """Each item has one of its own; IRSA is an annotation of it, and for Pod Identity its name is known beforehand."""
    role = {"eks.amazonaws.com/role-arn": "arn:aws:iam::1:role/x"}
    found = rendered(helm3, source={"serviceAccount": {"annotations": role, "name": "reader"}})
    assert found.of("ServiceAccount")["reader"]["metadata"]["annotations"] == role
    assert found.pod("eventsource")["serviceAccountName"] == "reader"
    assert set(found.of("ServiceAccount")) == {"reader", "rel-argosy-sensor-orders"}


def test_service_account_that_is_there_already(helm3: Helm) -> None:
    """None is made; the Role is bound to the one that is named."""
    found = rendered(helm3, sensor={"serviceAccount": {"create": False, "name": "there"}})
    assert "there" not in found.of("ServiceAccount")
    assert found.pod("sensor")["serviceAccountName"] == "there"
    assert found.one("RoleBinding")["subjects"][0]["name"] == "there"


def test_node_placement_and_priority(helm3: Helm) -> None:
    """Selector, tolerations, affinity and priority class reach the pod."""
    given: dict[str, Any] = {
        "nodeSelector": {"kubernetes.io/arch": "arm64"},
        "tolerations": [{"key": "a", "operator": "Exists"}],
        "affinity": {"nodeAffinity": {}},
        "priorityClassName": "high",
    }
    for part in ("sensor", "eventsource"):
        pod = rendered(helm3, defaults=given).pod(part)
        assert {name: pod[name] for name in given} == given


def test_topology_spread(helm3: Helm) -> None:
    """Softly over zones and nodes by default; a constraint of the user's gets the pods' labels, an empty list means none."""
    default = rendered(helm3).pod("sensor")["topologySpreadConstraints"]
    assert [c["topologyKey"] for c in default] == ["topology.kubernetes.io/zone", "kubernetes.io/hostname"]
    assert {c["whenUnsatisfiable"] for c in default} == {"ScheduleAnyway"}
    own = [{"maxSkew": 2, "topologyKey": "rack", "whenUnsatisfiable": "DoNotSchedule"}]
    found = rendered(helm3, sensor={"topologySpreadConstraints": own})
    [constraint] = found.pod("sensor")["topologySpreadConstraints"]
    selector = found.one("Deployment", "sensor")["spec"]["selector"]
    assert constraint == {**own[0], "labelSelector": selector}
    assert rendered(helm3, sensor={"topologySpreadConstraints": []}).pod("sensor")["topologySpreadConstraints"] == []


def test_probes(helm3: Helm) -> None:
    """Startup and liveness ask whether the loop turns, readiness whether the pod is connected; never one for another."""
    main = rendered(helm3, sensor={"probes": {"liveness": {"periodSeconds": 30}}}).main("sensor")
    paths = {name: main[f"{name}Probe"]["httpGet"]["path"] for name in ("startup", "liveness", "readiness")}
    assert paths == {"startup": "/livez", "liveness": "/livez", "readiness": "/readyz"}
    assert main["livenessProbe"]["periodSeconds"] == 30
    assert main["livenessProbe"]["failureThreshold"] == 6


def test_pod_disruption_budget(helm3: Helm) -> None:
    """Only where there can be two pods; one that is not ready protects nobody."""
    assert not rendered(helm3).of("PodDisruptionBudget")
    budget = rendered(helm3, sensor={"replicas": 2}).one("PodDisruptionBudget")
    assert budget["spec"]["maxUnavailable"] == 1
    assert budget["spec"]["unhealthyPodEvictionPolicy"] == "AlwaysAllow"
    assert not rendered(helm3, sensor={"replicas": 2, "pdb": {"enabled": False}}).of("PodDisruptionBudget")


def test_grace_fits_the_drain(helm3: Helm) -> None:
    """The longest poll, the drain and five seconds; less than that is refused with the sum."""
    assert rendered(helm3).pod("eventsource")["terminationGracePeriodSeconds"] == 20 + 45 + 5
    assert rendered(helm3).pod("sensor")["terminationGracePeriodSeconds"] == 45 + 5
    found = rendered(helm3, source={"drainSeconds": 10.5, "terminationGracePeriodSeconds": 90})
    assert found.pod("eventsource")["terminationGracePeriodSeconds"] == 90
    assert found.env("eventsource")["DRAIN_SECONDS"] == "10.5"
    with pytest.raises(Refused, match=r"eventSources.orders.terminationGracePeriodSeconds: 60 is too short.* 70"):
        rendered(helm3, source={"terminationGracePeriodSeconds": 60})


def test_config_checksum_rolls_the_pods(helm3: Helm) -> None:
    """Another document is another pod template and another immutable ConfigMap; the rest stays as it was."""
    other = {"sqs": {"placed": {"region": "eu-west-1", "queue": "elsewhere"}}}
    one, two = rendered(helm3), rendered(helm3, source={"spec": other})
    assert one.one("Deployment", "sensor") == two.one("Deployment", "sensor")
    templates = [r.one("Deployment", "eventsource")["spec"]["template"] for r in (one, two)]
    sums = [template["metadata"]["annotations"]["checksum/config"] for template in templates]
    assert sums[0] != sums[1]
    names = [set(r.of("ConfigMap")) for r in (one, two)]
    assert len(names[0] & names[1]) == len(names[0]) - 1
    assert all(c["immutable"] for c in one.of("ConfigMap").values() if "nats" not in c["metadata"]["name"])


def test_a_document_says_how_its_pods_look(helm3: Helm) -> None:
    """`spec.template` and `spec.replicas`, as Argo Events has them, count unless something nearer is said."""
    template = {
        "metadata": {"labels": {"a": "b"}, "annotations": {"c": "d"}},
        "serviceAccountName": "old",
        "container": {"env": [{"name": "A", "value": "1"}], "resources": {"limits": {"memory": "1Gi"}}},
        "imagePullSecrets": [{"name": "pull"}],
        "priorityClassName": "low",
    }
    found = rendered(helm3, sensor={"spec": {**SENSOR, "template": template, "replicas": 2}, "priorityClassName": "high"})
    pod, main = found.pod("sensor"), found.main("sensor")
    metadata = found.one("Deployment", "sensor")["spec"]["template"]["metadata"]
    assert (metadata["labels"]["a"], metadata["annotations"]["c"]) == ("b", "d")
    assert (pod["serviceAccountName"], pod["priorityClassName"]) == ("old", "high")
    assert pod["imagePullSecrets"] == [{"name": "pull"}]
    assert (main["resources"]["limits"]["memory"], found.env("sensor")["A"]) == ("1Gi", "1")
    assert found.one("Deployment", "sensor")["spec"]["replicas"] == 2
    with pytest.raises(Refused, match=r"sensors.orders.spec.template.priority: not supported"):
        rendered(helm3, sensor={"spec": {**SENSOR, "template": {"priority": 5}}})


def test_restricted_pods(helm3: Helm) -> None:
    """Non-root by number, read-only root, no capability, seccomp; every pod, the bus' and the tests' too."""
    found = rendered(helm3)
    pods = [
        found.pod("eventsource"),
        found.pod("sensor"),
        found.pod("", "StatefulSet"),
        *(p["spec"] for p in found.of("Pod").values()),
    ]
    assert len(pods) == 5
    for pod in pods:
        assert pod["securityContext"]["runAsNonRoot"] is True
        assert pod["securityContext"]["runAsUser"] > 0
        assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
        assert pod["containers"][0]["securityContext"] == {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        }
        writable = [m["mountPath"] for m in pod["containers"][0]["volumeMounts"] if not m.get("readOnly")]
        assert set(writable) <= {"/tmp", "/data"}  # noqa: S108 - where pods may write


def test_image(helm3: Helm) -> None:
    """A digest wins over the tag, which is the chart's version unless said otherwise."""
    assert rendered(helm3).main("sensor")["image"] == "argosy:0.1.0"
    found = rendered(helm3, image={"registry": "r.example.com", "repository": "a/b", "tag": "x"})
    assert found.main("sensor")["image"] == "r.example.com/a/b:x"
    digest = "sha256:" + "0" * 64
    found = rendered(helm3, image={"digest": digest}, imagePullSecrets=[{"name": "pull"}])
    assert found.main("sensor")["image"] == f"argosy@{digest}"
    assert found.pod("sensor")["imagePullSecrets"] == [{"name": "pull"}]
    assert (found.main("sensor")["command"], found.main("eventsource")["command"]) == (["sensor"], ["eventsource"])


def test_labels_annotations_and_names(helm3: Helm) -> None:
    """Common ones reach every object; names can be chosen, and long ones are cut without meeting each other."""
    found = rendered(helm3, commonLabels={"team": "a"}, commonAnnotations={"b": "c"})
    assert all(o["metadata"]["labels"]["team"] == "a" for o in found.objects)
    assert all(o["metadata"]["annotations"]["b"] == "c" for o in found.objects)
    assert "rel-boat-sensor-orders" in rendered(helm3, nameOverride="boat").of("Deployment")
    assert "boat-sensor-orders" in rendered(helm3, fullnameOverride="boat").of("Deployment")
    long = "a" * 60
    found = helm3.template({"sensors": {f"{long}-x": {"spec": SENSOR}, f"{long}-y": {"spec": SENSOR}}}, name="r" * 50)
    names = set(found.of("Deployment"))
    assert len(names) == 2
    assert all(len(o["metadata"]["name"]) <= 63 for o in found.objects)


def test_selectors_find_the_pods_and_none_of_another(helm3: Helm) -> None:
    """Each Deployment selects its own pods alone, and a chart's new version changes none of their labels."""
    found = rendered(helm3)
    owners = [*found.of("Deployment").values(), *found.of("StatefulSet").values()]
    for owner in owners:
        wanted = owner["spec"]["selector"]["matchLabels"].items()
        others = [o["spec"]["template"]["metadata"]["labels"] for o in owners if o is not owner]
        others += [p["metadata"]["labels"] for p in found.of("Pod").values()]
        assert wanted <= owner["spec"]["template"]["metadata"]["labels"].items()
        assert not any(wanted <= labels.items() for labels in others)
        assert "helm.sh/chart" not in owner["spec"]["template"]["metadata"]["labels"]


def test_extra_objects(helm3: Helm) -> None:
    """Maps and texts alike; templates in them are filled in."""
    text = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: '{{ .Release.Name }}-text'}\n"
    found = helm3.template({"extraObjects": [text, {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "map"}}]})
    assert "rel-text" in found.of("ConfigMap")
    assert "map" in found.of("Secret")


def test_the_documents_text_is_kept(helm3: Helm) -> None:
    """Texts that YAML or templates could take for something else arrive as they are."""
    event = {**SOURCE["sqs"]["placed"], "metadata": {f"k{n}": text for n, text in enumerate(TEXTS)}}
    found = rendered(helm3, source={"spec": {"sqs": {"placed": event}}})
    [data] = [c["data"]["eventsource.yaml"] for n, c in found.of("ConfigMap").items() if "eventsource" in n]
    [document] = yamltext.load_all(data, "the document")
    assert document["spec"]["sqs"]["placed"] == event
    assert (document["kind"], document["metadata"]) == ("EventSource", {"name": "orders", "namespace": "argo"})


@pytest.mark.parametrize("version", ["helm3", "helm4"])
def test_the_documents_numbers_are_kept(version: str, request: pytest.FixtureRequest) -> None:
    """A whole number stays one, however large (up to 53 bits); yes and no stay yes and no; nothing is where null was."""
    values = {
        "n": 0,
        "seconds": 1_000_000,
        "bytes": 12_345_678_901,
        "most": 2**53 - 1,
        "half": 1.5,
        "yes": True,
        "list": [1, [2]],
    }
    spec = {**SENSOR, "triggers": [{"template": {"name": "t", "k8s": {"source": {"resource": {**RESOURCE, "spec": values}}}}}]}
    found = rendered(request.getfixturevalue(version), sensor={"spec": spec})
    [data] = [c["data"]["sensor.yaml"] for n, c in found.of("ConfigMap").items() if "sensor" in n]
    [document] = yamltext.load_all(data, "the document")
    kept = document["spec"]["triggers"][0]["template"]["k8s"]["source"]["resource"]["spec"]
    assert kept == values
    assert {name: type(value) for name, value in kept.items()} == {name: type(value) for name, value in values.items()}


def test_large_numbers_stay_whole(helm3: Helm) -> None:
    """Templates write a million as 1e+06 unless they are told otherwise, and Kubernetes refuses that."""
    million = 1_000_000
    numbers = ("cooldownPeriod", "pollingInterval", "queueLength", "lagThreshold")
    keda = {"enabled": True, **dict.fromkeys(numbers, million)}
    user = {"runAsUser": 1_000_650_000}
    given: dict[str, Any] = {"progressDeadlineSeconds": million, "keda": keda, "podSecurityContext": user}
    found = rendered(helm3, defaults=given | {"terminationGracePeriodSeconds": million, "drainSeconds": 100_000})
    assert found.one("Deployment", "sensor")["spec"]["progressDeadlineSeconds"] == million
    assert found.pod("sensor")["terminationGracePeriodSeconds"] == million
    assert found.pod("sensor")["securityContext"]["runAsUser"] == 1_000_650_000
    assert found.one("ScaledObject", "sensor")["spec"]["cooldownPeriod"] == million
    assert str(found.of("ScaledObject")).count("'1000000'") == 3
    assert found.env("sensor")["DRAIN_SECONDS"] == "100000"


def test_helm_test_asks_in_the_place_of_each_pod(helm3: Helm) -> None:
    """A hook for each item: the same account, variables and mounts, but a command that asks and ends."""
    found = rendered(helm3)
    for component in ("sensor", "eventsource"):
        test, main = found.of("Pod")[f"rel-argosy-{component}-orders-test"], found.main(component)
        [asks] = test["spec"]["containers"]
        assert test["metadata"]["annotations"]["helm.sh/hook"] == "test"
        assert asks["command"] == ["argosy", "check", component]
        assert (asks["env"], asks["volumeMounts"]) == (main["env"], main["volumeMounts"])
        assert test["spec"]["serviceAccountName"] == found.pod(component)["serviceAccountName"]
        assert test["spec"]["restartPolicy"] == "Never"
