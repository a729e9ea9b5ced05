"""Sensors and messages of our own, in the form of the corpus, for what `argosy explain` tells about them."""

import base64
import json
from collections.abc import Mapping, Sequence
from typing import Any

WORKFLOW: dict[str, Any] = {
    "apiVersion": "argoproj.io/v1alpha1",
    "kind": "Workflow",
    "metadata": {"generateName": "w-", "annotations": {"team": "shop"}},
    "spec": {"arguments": {"parameters": [{"name": "body"}]}, "priority": 1},
}


def dependency(name: str, event: str = "placed", **more: object) -> dict[str, Any]:
    """Write a dependency on an event of the source `orders`."""
    return {"name": name, "eventSourceName": "orders", "eventName": event, **more}


def parameter(of: str, key: str, dest: str, **more: object) -> dict[str, Any]:
    """Write a parameter."""
    return {"src": {"dependencyName": of, "dataKey": key, **more}, "dest": dest}


def create(
    *parameters: Mapping[str, Any], name: str = "t", resource: Mapping[str, Any] = WORKFLOW, **more: object
) -> dict[str, Any]:
    """Write a trigger that creates an object; `more` stands in the template."""
    k8s = {"operation": "create", "source": {"resource": resource}, "parameters": list(parameters)}
    return {"template": {"name": name, "k8s": k8s, **more}}


def sensor(dependencies: Sequence[Mapping[str, Any]], *triggers: Mapping[str, Any], **metadata: str) -> dict[str, Any]:
    """Write a sensor."""
    return {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "Sensor",
        "metadata": {"name": "s", **metadata},
        "spec": {"dependencies": list(dependencies), "triggers": list(triggers)},
    }


def message(number: int, body: object, event: str = "placed", **over: str) -> str:
    """Write an event as it stands on the bus."""
    data = json.dumps({"messageId": f"m-{number}", "messageAttributes": None, "body": body})
    context = {"specversion": "1.0", "id": f"{number:032x}", "source": "orders", "subject": event, "type": "sqs"}
    payload = {"datacontenttype": "application/json", "data_base64": base64.b64encode(data.encode()).decode()}
    return json.dumps(context | {"time": "2024-05-06T07:08:09Z"} | payload | over)


def change(operation: str, *parameters: Mapping[str, Any], **more: object) -> dict[str, Any]:
    """Write a trigger that does something else to the object `fixed`; `more` stands beside the operation."""
    trigger = create(*parameters, resource=CONFIG_MAP)
    trigger["template"]["k8s"] |= {"operation": operation, **more}
    return trigger


def submit(*parameters: Mapping[str, Any], operation: str = "submit", name: str = "w") -> dict[str, Any]:
    """Write a trigger that does something with a Workflow."""
    resource = {**WORKFLOW, "metadata": {"name": name}}
    spec = {"operation": operation, "source": {"resource": resource}, "parameters": list(parameters)}
    return {"template": {"name": "t", "argoWorkflow": spec}}


def _case(
    ident: str, document: Mapping[str, Any], *messages: str, existing: Sequence[Mapping[str, Any]] = ()
) -> dict[str, Any]:
    return {"id": ident, "input": {"sensor": document, "messages": list(messages), "existing": list(existing)}}


BODY = parameter("o", "body", "spec.arguments.parameters.0.value")
LAST = {"atLeastOnce": True}
PAIR = (dependency("o"), dependency("p", "paid"))
LARGE = {"data": [{"path": "body.n", "type": "number", "comparator": ">", "value": ["10"]}]}
CONFIG_MAP = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "fixed"}}
THERE = {**CONFIG_MAP, "metadata": {"name": "fixed", "namespace": "default"}}
TEXT = parameter("o", "body", "data.text")
MERGE = {"patchStrategy": "application/merge-patch+json"}

CASES = [
    _case("own namespace", sensor([dependency("o")], create(BODY), namespace="shop"), message(1, "text")),
    _case("pod's namespace", sensor([dependency("o")], create(BODY)), message(1, 'quo"ted \\ <b> \u2028 🦀 {{x}}')),
    _case(
        "cluster-wide kind",
        sensor(
            [dependency("o")], create(resource={"apiVersion": "v1", "kind": "Namespace", "metadata": {"generateName": "n-"}})
        ),
        message(1, "x"),
    ),
    _case("fixed name", sensor([dependency("o")], create(resource=CONFIG_MAP)), message(1, "x")),
    _case(
        "metadata and kind from the event",
        sensor(
            [dependency("o")],
            create(
                parameter("o", "body.name", "metadata.generateName"),
                parameter("o", "body.ns", "metadata.namespace", value="other"),
                parameter("o", "body.kind", "kind", value="Job"),
            ),
        ),
        message(
            1, {"name": "a-very-long-prefix-that-has-to-be-cut-because-names-are-short-", "ns": "n", "kind": "CronWorkflow"}
        ),
        message(2, {"name": "b-"}),
        message(3, {}),
    ),
    _case(
        "transform, filter and default",
        sensor(
            [dependency("o", transform={"jq": ".body |= {n: .amount}"}, filters=LARGE)],
            create(
                parameter("o", "body.n", "spec.priority", useRawData=True), parameter("o", "body.who", "spec.who", value="-")
            ),
        ),
        message(1, {"amount": 11}),
        message(2, {"amount": 9}),
        message(3, "no object"),
    ),
    _case(
        "lua",
        sensor([dependency("o", filters={"script": "return event.body.n > 3"})], create(BODY)),
        message(1, {"n": 4}),
        message(2, {"n": 3}),
        message(3, {}),
    ),
    _case(
        "two dependencies on one event",
        sensor([dependency("o", filters=LARGE), dependency("p")], create(BODY, conditions="o || p")),
        message(1, {"n": 11}),
        message(2, {"n": 1}),
        message(3, {}),
    ),
    _case(
        "parameters of the template",
        sensor([dependency("o")], create(BODY) | {"parameters": [parameter("o", "body.name", "name", value="renamed")]}),
        message(1, {"name": "n"}),
        message(2, {}),
    ),
    _case("again", sensor([dependency("o")], create(BODY)), message(1, "x"), message(2, "y"), message(1, "x")),
    _case("not ours", sensor([dependency("o")], create(BODY)), message(1, "x", "paid"), message(2, "x", source="others")),
    _case("numbers", sensor([dependency("o")], create(parameter("o", "body", "spec.n", useRawData=True))), message(1, 1e300)),
    _case(
        "join",
        sensor(PAIR, create(BODY, parameter("p", "body", "spec.paid"))),
        message(1, "a"),
        message(2, "b", "paid"),
        message(3, "c", "paid"),
        message(4, "d", "paid"),
        message(5, "e"),
        message(6, "f"),
    ),
    _case(
        "join in order",
        sensor(PAIR, create(BODY, parameter("p", "body", "spec.paid")) | {"argosy": {"join": "inOrder"}}),
        message(1, "a"),
        message(2, "b"),
        message(3, "c", "paid"),
        message(4, "d", "paid"),
    ),
    _case(
        "join with a limit",
        sensor(PAIR, create(BODY) | {"argosy": {"join": "inOrder", "joinLimit": 1}}),
        message(1, "a"),
        message(2, "b"),
        message(3, "c", "paid"),
    ),
    _case(
        "join or alone",
        sensor([*PAIR, dependency("q", "packed")], create(BODY, conditions="q || o && p")),
        message(1, "a"),
        message(2, "b", "packed"),
        message(3, "c", "paid"),
        message(4, "d"),
        message(4, "d"),
        message(3, "c", "paid"),
    ),
    _case("join of one event", sensor([dependency("o"), dependency("p")], create(BODY)), message(1, "a"), message(2, "b")),
    _case(
        "join of what passes",
        sensor(
            [dependency("o", filters=LARGE), dependency("p", "paid", transform={"jq": ".body |= tostring"})],
            create(parameter("p", "body", "spec.paid"), parameter("o", "body.who", "spec.who")),
        ),
        message(1, {"n": 1}),
        message(2, [1], "paid"),
        message(3, {"n": 11}),
        message(4, {"n": 11, "who": "a"}),
        message(5, [2], "paid"),
    ),
    _case(
        "dlqTrigger",
        sensor(
            [dependency("o")],
            create(parameter("o", "body.n", "spec.n")) | LAST | {"dlqTrigger": create(BODY, name="instead") | LAST},
        ),
        message(1, {}),
        message(2, {"n": 1}),
    ),
    _case(
        "dlqTrigger that cannot",
        sensor(
            [dependency("o")],
            create(parameter("o", "body.n", "spec.n"))
            | LAST
            | {"dlqTrigger": create(parameter("o", "body.m", "spec.m"), name="instead") | LAST},
        ),
        message(1, {}),
    ),
    _case("submit", sensor([dependency("o")], submit(BODY)), message(1, "x"), message(2, "y")),
    _case("update", sensor([dependency("o")], change("update", TEXT)), message(1, "x"), existing=[THERE]),
    _case("update of nothing", sensor([dependency("o")], change("update", TEXT)), message(1, "x")),
    _case("patch", sensor([dependency("o")], change("patch", TEXT, **MERGE)), message(1, "x"), existing=[THERE]),
    _case("patch of nothing", sensor([dependency("o")], change("patch", TEXT)), message(1, "x")),
    _case("delete", sensor([dependency("o")], change("delete")), message(1, "x"), existing=[THERE]),
    _case("delete of nothing", sensor([dependency("o")], change("delete")), message(1, "x")),
    _case(
        "two triggers",
        sensor([dependency("o"), dependency("p", "paid")], create(BODY, conditions="o"), create(name="u", conditions="p")),
        message(1, "x"),
        message(2, "y", "paid"),
    ),
]
