"""Parameters: values of events, set at places of a resource, a trigger's template or a payload.

    prepared = prepare([Parameter(Source("orders", data_key="body"), dest="spec.arguments.parameters.0.value")])    once
    applied = prepared.apply(workflow, {"orders": event})        `applied.document` (JSON bytes), `applied.notes`
    payload = prepared.payload({"orders": event})                `payload.body` (bytes or None), `payload.notes`

A text goes through byte for byte, whatever it holds. A missing key without a default is an error that names its place
(`Rejected("parameter")`); every use of a default is a `Note` for the caller to count and log. Templates are
those of `sensor.templates`, unless the caller hands another engine in as `render`.

`model` holds the values, `resolve` finds what an entry stands for, `apply` writes it, `yamltext` reads YAML payloads.
"""

from sensor.parameters.apply import Prepared, prepare
from sensor.parameters.model import Applied, Note, Parameter, Payload, Render, Source, Value
from sensor.parameters.resolve import Entry
from sensor.templates import TemplateError

__all__ = [
    "Applied",
    "Entry",
    "Note",
    "Parameter",
    "Payload",
    "Prepared",
    "Render",
    "Source",
    "TemplateError",
    "Value",
    "prepare",
]
