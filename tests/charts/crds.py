"""The kinds of others that the chart makes objects of, written down as far as the chart uses them.

They are stubs: fields that the real kinds have and the chart does not use are missing, so that strict validation refuses
a misspelt field here as the real API would. Sources: the API references of prometheus-operator (monitoring.coreos.com/v1)
and of KEDA 2.x (keda.sh/v1alpha1).
"""

from typing import Any

Schema = dict[str, Any]

TEXT: Schema = {"type": "string"}
NUMBER: Schema = {"type": "integer"}
FREE: Schema = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}
TEXTS: Schema = {"type": "object", "additionalProperties": TEXT}
SELECTOR: Schema = {
    "type": "object",
    "properties": {
        "matchLabels": TEXTS,
        "matchExpressions": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["key", "operator"],
                "properties": {"key": TEXT, "operator": TEXT, "values": {"type": "array", "items": TEXT}},
            },
        },
    },
}


def _object(*required: str, **properties: Schema) -> Schema:
    return {"type": "object", "properties": properties, **({"required": list(required)} if required else {})}


def _list(items: Schema) -> Schema:
    return {"type": "array", "items": items}


def _crd(group: str, version: str, kind: str, plural: str, spec: Schema) -> dict[str, Any]:
    schema = _object("spec", apiVersion=TEXT, kind=TEXT, metadata={"type": "object"}, spec=spec)
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": f"{plural}.{group}"},
        "spec": {
            "group": group,
            "scope": "Namespaced",
            "names": {"kind": kind, "listKind": f"{kind}List", "plural": plural, "singular": kind.lower()},
            "versions": [{"name": version, "served": True, "storage": True, "schema": {"openAPIV3Schema": schema}}],
        },
    }


POD_MONITOR = _object(
    "podMetricsEndpoints",
    "selector",
    jobLabel=TEXT,
    podTargetLabels=_list(TEXT),
    selector=SELECTOR,
    podMetricsEndpoints=_list(
        _object(
            port=TEXT,
            path=TEXT,
            interval=TEXT,
            scrapeTimeout=TEXT,
            honorLabels={"type": "boolean"},
            relabelings=_list(FREE),
            metricRelabelings=_list(FREE),
        )
    ),
)
RULE: Schema = {
    **_object("expr", alert=TEXT, record=TEXT, labels=TEXTS, annotations=TEXTS),
}
RULE["properties"] |= {"expr": {"x-kubernetes-int-or-string": True}, "for": TEXT, "keep_firing_for": TEXT}
PROMETHEUS_RULE = _object(groups=_list(_object("name", name=TEXT, interval=TEXT, rules=_list(RULE))))
SCALED_OBJECT = _object(
    "scaleTargetRef",
    "triggers",
    scaleTargetRef=_object("name", name=TEXT),
    minReplicaCount=NUMBER,
    maxReplicaCount=NUMBER,
    pollingInterval=NUMBER,
    cooldownPeriod=NUMBER,
    advanced=_object(horizontalPodAutoscalerConfig=_object(behavior=FREE)),
    triggers=_list(
        _object("type", "metadata", type=TEXT, metadata=TEXTS, authenticationRef=_object("name", name=TEXT, kind=TEXT))
    ),
)
TRIGGER_AUTHENTICATION = _object(
    podIdentity=_object("provider", provider=TEXT, identityOwner=TEXT, roleArn=TEXT, identityId=TEXT)
)
ALL = (
    _crd("monitoring.coreos.com", "v1", "PodMonitor", "podmonitors", POD_MONITOR),
    _crd("monitoring.coreos.com", "v1", "PrometheusRule", "prometheusrules", PROMETHEUS_RULE),
    _crd("keda.sh", "v1alpha1", "ScaledObject", "scaledobjects", SCALED_OBJECT),
    _crd("keda.sh", "v1alpha1", "TriggerAuthentication", "triggerauthentications", TRIGGER_AUTHENTICATION),
)
