"""The Sensor document, from whichever of the three forms the environment gives; all end in the same value."""

from collections.abc import Mapping
from typing import Any

import orjson

from common import documents
from common.documents import Parsed
from common.errors import ConfigurationError
from sensor import rules
from sensor.settings import SensorSettings
from sensor.spec import Sensor
from sensor.triggers import plugins

_WORKFLOW = {"apiVersion": "argoproj.io/v1alpha1", "kind": "Workflow"}
_DEFAULT_DEST = "spec.arguments.parameters.0.value"


def load(settings: SensorSettings) -> Parsed[Sensor]:
    """Read the document. Raises `ConfigurationError` with every fault and its place."""
    given = [name for name, value in (("SENSOR_OBJECT", settings.object), ("SENSOR_FILE", settings.file)) if value]
    if len(given) > 1:
        raise ConfigurationError(f"{given[0]} and {given[1]}: give one of them")
    if settings.object:
        document = documents.from_base64(settings.object, "SENSOR_OBJECT")
    elif settings.file is not None:
        document = documents.only(documents.from_file(settings.file, "SENSOR_FILE"), "Sensor", "SENSOR_FILE")
    else:
        document = _from_variables(settings)
    if settings.options:
        document = with_options(document, settings.options)
    return rules.read(document, plugins=plugins.names())


def with_options(document: Any, text: str) -> Any:  # noqa: ANN401 - any JSON
    """Put the `argosy:` blocks of SENSOR_OPTIONS where the document form has them."""
    try:
        options = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise ConfigurationError(f"SENSOR_OPTIONS: not JSON: {error}") from error
    blocks = options.pop("triggers", {}) if isinstance(options, dict) else None
    if not isinstance(blocks, Mapping) or not isinstance(document, Mapping):
        raise ConfigurationError("SENSOR_OPTIONS: an object is wanted, with the triggers' blocks under `triggers`")
    spec = dict(document.get("spec") or {})
    triggers = [dict(trigger) if isinstance(trigger, Mapping) else trigger for trigger in spec.get("triggers") or ()]
    for name, block in blocks.items():
        named = [t for t in triggers if isinstance(t, dict) and (t.get("template") or {}).get("name") == name]
        if not named:
            raise ConfigurationError(f"SENSOR_OPTIONS: triggers.{name}: the document has no such trigger")
        for trigger in named:
            trigger["argosy"] = block
    return {**document, "spec": {**spec, "triggers": triggers, "argosy": options}}


def _from_variables(settings: SensorSettings) -> dict[str, Any]:
    if not settings.name:
        raise ConfigurationError("SENSOR_OBJECT, SENSOR_FILE or SENSOR_NAME: one of them is required")
    source, slash, event = settings.dependency.partition("/")
    if not (source and slash and event):
        raise ConfigurationError(f"SENSOR_DEPENDENCY: `eventSource/event` is wanted, not {settings.dependency!r}")
    if settings.parameter_name and settings.parameter_dest:
        raise ConfigurationError("PARAMETER_NAME and PARAMETER_DEST: give one of them")
    workflow = _workflow(settings)
    dest = settings.parameter_dest or _DEFAULT_DEST
    if settings.parameter_name:
        dest = _argument(workflow, settings.parameter_name)
    parameter = {"src": {"dependencyName": "event", "dataKey": settings.parameter_source}, "dest": dest}
    k8s = {"operation": "create", "source": {"resource": workflow}, "parameters": [parameter]}
    return {
        "metadata": {"name": settings.name},
        "spec": {
            "dependencies": [{"name": "event", "eventSourceName": source, "eventName": event}],
            "triggers": [{"template": {"name": "workflow", "k8s": k8s}}],
        },
    }


def _workflow(settings: SensorSettings) -> dict[str, Any]:
    if (settings.workflow_file is None) == (not settings.workflow_template):
        raise ConfigurationError("WORKFLOW_FILE or WORKFLOW_TEMPLATE: exactly one of them is required without a document")
    if settings.workflow_file is None:
        template = settings.workflow_template
        if not (settings.parameter_name or settings.parameter_dest):
            raise ConfigurationError("PARAMETER_NAME: required with WORKFLOW_TEMPLATE, but missing (or PARAMETER_DEST)")
        return {
            **_WORKFLOW,
            "metadata": {"generateName": f"{template}-"},
            "spec": {"workflowTemplateRef": {"name": template}, "arguments": {"parameters": []}},
        }
    found = documents.only(documents.from_file(settings.workflow_file, "WORKFLOW_FILE"), "Workflow", "WORKFLOW_FILE")
    return {**_WORKFLOW, **found}


def _argument(workflow: dict[str, Any], name: str) -> str:
    """Find the argument of this name, or add it; give the path of its value."""
    spec = workflow.setdefault("spec", {})
    arguments = spec.setdefault("arguments", {}) if isinstance(spec, dict) else None
    parameters = arguments.setdefault("parameters", []) if isinstance(arguments, dict) else None
    if not isinstance(parameters, list):
        raise ConfigurationError("WORKFLOW_FILE: spec.arguments.parameters: a list is wanted")
    for index, parameter in enumerate(parameters):
        if isinstance(parameter, Mapping) and parameter.get("name") == name:
            return f"spec.arguments.parameters.{index}.value"
    parameters.append({"name": name})
    return f"spec.arguments.parameters.{len(parameters) - 1}.value"
