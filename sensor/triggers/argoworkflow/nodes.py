"""The nodes in a Workflow's status that wait for somebody to go on, and what it takes to end their waiting.

Facts: workflow/util/util.go (ResumeWorkflow, updateSuspendedNode) and workflow/packer of github.com/argoproj/argo-workflows.
Nodes stand in `status.nodes`, or, where they are many, as base64 of gzip in `status.compressedNodes`; those that are kept in a
database (`offloadNodeStatusVersion`) only Argo's own programs can reach.
"""

import base64
import binascii
import gzip
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from common.errors import ConfigurationError, Rejected

MOST = 64 * 2**20
"""Bytes of nodes that are unpacked: the API server holds 1.5 MiB of packed ones."""
_GZIP = 16 + zlib.MAX_WBITS
Node = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Selector:
    """`--node-field-selector`: each field has to have, or not to have, its value. Fields that are not there are empty."""

    terms: tuple[tuple[str, str, bool], ...] = ()

    @classmethod
    def read(cls, text: str, place: str) -> "Selector":
        """Read `displayName=a,phase!=b`. Raises `ConfigurationError`."""
        terms = []
        for part in filter(None, text.split(",")):
            name, sign, value = part.partition("=")
            if not sign or not name.strip("!"):
                raise ConfigurationError(f"{place}: --node-field-selector {text}: field=value or field!=value is wanted")
            terms.append((name.removesuffix("!"), value.removeprefix("="), not name.endswith("!")))
        return cls(tuple(terms))

    def __bool__(self) -> bool:
        return bool(self.terms)

    def matches(self, node: Node) -> bool:
        """Say whether a node is meant."""
        fields = _fields(node)
        return all((fields.get(name, "") == value) is wanted for name, value, wanted in self.terms)


def ended(
    workflow: Mapping[str, Any], selector: Selector, end: Callable[[Node], Mapping[str, Any]]
) -> tuple[dict[str, Any], int]:
    """End the waiting of the nodes that the selector means; `end` gives what changes in one.

    Gives the merge patch of the Workflow's status, and how many nodes it changes. Raises `Rejected` where nodes are out of
    reach.
    """
    status = workflow.get("status") or {}
    nodes: Mapping[str, Any] = status.get("nodes") or {}
    packed = str(status.get("compressedNodes") or "")
    if status.get("offloadNodeStatusVersion"):
        raise Rejected("rejected", "the Workflow's nodes are kept in a database (offloadNodeStatusVersion), out of our reach")
    if not nodes and packed:
        nodes = _unpacked(packed)
    changes = {key: end(node) for key, node in nodes.items() if _waits(node) and selector.matches(node)}
    if not changes:
        return {}, 0
    if packed and not status.get("nodes"):
        whole = {key: {**node, **changes.get(key, {})} for key, node in nodes.items()}
        return {"compressedNodes": base64.b64encode(gzip.compress(orjson.dumps(whole))).decode()}, len(changes)
    return {"nodes": changes}, len(changes)


def with_defaults(node: Node) -> dict[str, Any]:
    """Give the outputs of a node whose values should have been supplied, with their defaults. Raises `Rejected` without one."""
    outputs = node.get("outputs")
    if not outputs or not outputs.get("parameters"):
        return {}
    parameters = []
    for parameter in outputs["parameters"]:
        source = parameter.get("valueFrom") or {}
        if "supplied" not in source:
            parameters.append(parameter)
            continue
        if source.get("default") is None:
            what = f"output parameter {parameter.get('name')!r} has not been set and does not have a default value"
            raise Rejected("rejected", f"node {node.get('displayName') or node.get('name')}: {what}")
        rest = {key: value for key, value in parameter.items() if key != "valueFrom"}
        parameters.append({**rest, "value": source["default"]})
    return {"outputs": {**outputs, "parameters": parameters}}


def _waits(node: Node) -> bool:
    return node.get("type") == "Suspend" and node.get("phase") == "Running"


def _fields(node: Node) -> dict[str, str]:
    reference = node.get("templateRef") or {}
    fields = {name: str(node.get(name) or "") for name in ("displayName", "templateName", "phase", "name", "id")}
    if reference:
        fields["templateName"] = str(reference.get("template") or "")
        fields |= {f"templateRef.{name}": str(reference.get(name) or "") for name in ("name", "template")}
    for parameter in (node.get("inputs") or {}).get("parameters") or ():
        fields[f"inputs.parameters.{parameter.get('name')}.value"] = str(parameter.get("value") or "")
    return fields


def _unpacked(text: str) -> Mapping[str, Any]:
    try:
        packed = base64.b64decode(text, validate=True)
        if not packed.startswith(b"\x1f\x8b"):
            raise Rejected("rejected", "the Workflow's nodes are compressed by another way than gzip")
        unpacker = zlib.decompressobj(_GZIP)
        nodes = orjson.loads(unpacker.decompress(packed, MOST))
    except (binascii.Error, zlib.error, orjson.JSONDecodeError) as error:
        raise Rejected("rejected", f"the Workflow's compressed nodes cannot be read: {error}") from error
    return nodes if isinstance(nodes, dict) else {}
