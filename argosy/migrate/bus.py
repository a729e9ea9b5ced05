"""EventBus → `nats`, `externalNats` and `bus` of the chart.

A bus that Argo Events found (`jetstreamExotic`) is gone on with: same stream, same subjects. One that its controller made
(`jetstream`) goes with the controller, so the chart brings a NATS of the same shape; what waits in SQS meanwhile loses nothing.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from argosy.eventbus import EventBus, Exotic, Native, SecretKeySelector, Tls
from common import yamltext
from common.documents import Model

Values = dict[str, Any]

LOGIN = "argosy-bus"
"""The Secret to be made of the login, whose two parts Argo Events keeps in one key."""
_STREAM_CONFIG = {"replicas", "maxbytes"}
_MANY = 3
"""Nodes of the chart's NATS where there is more than one."""


def values(bus: EventBus, notes: list[str]) -> Values:
    """Give the values of the bus; what is to be said about it, path first, is added to `notes`."""
    spec = bus.spec
    if spec.jetstream_exotic is not None:
        return _exotic(spec.jetstream_exotic, notes)
    return _native(spec.jetstream, notes) if spec.jetstream is not None else {}


def _exotic(bus: Exotic, notes: list[str]) -> Values:
    place = "spec.jetstreamExotic"
    nats: Values = {"url": bus.url}
    if bus.access_secret is not None:
        nats["auth"] = {"existingSecret": LOGIN, "userKey": "username", "passwordKey": "password"}
        notes.append(
            f"{place}.accessSecret: the chart reads user and password from two keys: make the Secret {LOGIN} with the keys "
            f"username and password of what stands in {bus.access_secret.name}, key {bus.access_secret.key}"
        )
    if bus.tls is not None:
        nats.update(_tls(bus.tls, bus.url, f"{place}.tls", notes))
    shared = {"stream": "default", "subjectPrefix": "default", **_stream(bus.stream_config)}
    return {"nats": {"enabled": False}, "externalNats": nats, "bus": shared}


def _tls(tls: Tls, url: str, place: str, notes: list[str]) -> Values:
    selectors = {"caKey": tls.ca_cert_secret, "certKey": tls.client_cert_secret, "keyKey": tls.client_key_secret}
    given: dict[str, SecretKeySelector] = {key: selector for key, selector in selectors.items() if selector is not None}
    if tls.insecure_skip_verify:
        notes.append(f"{place}.insecureSkipVerify: not supported by the chart: the bus is verified; give its CA")
    if not given:
        return {"url": url.replace("nats://", "tls://")} if tls.enabled or tls.insecure_skip_verify else {}
    names = {selector.name for selector in given.values()}
    if len(names) > 1:
        notes.append(
            f"{place}: the chart takes all certificates from one Secret: put those of {', '.join(sorted(names))} into one"
        )
    # An absent key is said to be absent: the chart has a default for the CA.
    keys = {key: given[key].key if key in given else "" for key in selectors}
    return {"tls": {"existingSecret": next(iter(given.values())).name, **keys}}


def _native(bus: Native, notes: list[str]) -> Values:
    place = "spec.jetstream"
    replicas = 1 if bus.replicas == 1 else _MANY
    if bus.replicas not in (None, replicas):
        notes.append(f"{place}.replicas: {bus.replicas} nodes: the chart's NATS has 1 or {_MANY}, {replicas} are taken")
    nats: Values = {"enabled": True, "replicas": replicas}
    nats.update(_persistence(bus.persistence, f"{place}.persistence", notes))
    metadata = bus.metadata if isinstance(bus.metadata, Mapping) else {}
    container = bus.container_template if isinstance(bus.container_template, Mapping) else {}
    carried = {
        "resources": container.get("resources"),
        "podLabels": metadata.get("labels"),
        "podAnnotations": metadata.get("annotations"),
        "nodeSelector": bus.node_selector,
        "tolerations": bus.tolerations,
        "affinity": bus.affinity,
        "priorityClassName": bus.priority_class_name,
    }
    nats.update({key: value for key, value in carried.items() if value})
    taken = {"replicas", "stream_config", "persistence", "metadata", "node_selector", "tolerations", "affinity"}
    taken |= {"priority_class_name", "container_template"}
    notes += [f"{place}.{name}: the chart's NATS has its own" for name in _given(bus, taken)]
    notes += [f"{place}.containerTemplate.{key}: the chart's NATS has its own" for key in container if key != "resources"]
    stream = _stream(bus.stream_config)
    stream.pop("replicas", None)  # the chart takes as many as there are nodes
    return {"nats": nats, **({"bus": stream} if stream else {})}


def _persistence(given: Any, place: str, notes: list[str]) -> Values:  # noqa: ANN401 - any YAML
    if not isinstance(given, Mapping):
        return {}
    known = {"volumeSize": "size", "storageClassName": "storageClassName"}
    notes += [f"{place}.{key}: the chart's NATS has its own" for key in given if key not in known]
    kept = {ours: given[theirs] for theirs, ours in known.items() if given.get(theirs)}
    found: Values = {"persistence": kept} if kept else {}
    if "size" in kept:
        notes.append(f"{place}.volumeSize: set nats.maxFileStore a little below {kept['size']}")
    return found


def _stream(text: str) -> Values:
    """Take what we go by of a stream's settings; the reader of the document has named the others."""
    loaded = yamltext.load_all(text, "streamConfig")
    given = {str(key).lower(): value for key, value in loaded[0].items()} if loaded else {}
    kept: Values = {}
    if given.get("replicas"):
        kept["replicas"] = given["replicas"]
    if isinstance(given.get("maxbytes"), int) and given["maxbytes"] > 0:
        kept["maxBytes"] = given["maxbytes"]
    return kept


def _given(model: Model, without: set[str]) -> Iterator[str]:
    for name, field in type(model).model_fields.items():
        if name not in without and getattr(model, name) not in (None, "", {}, []):
            yield field.alias or name
