"""What a Sensor document must fulfil beyond its shape: a document that passes here runs.

Argo Events' own rules come first, in its order and its words (pkg/reconciler/sensor/validate.go of v1.9.11), then those that it
lacks (`beyond` in each file). One file a concern: `dependencies` and their `filters`, `triggers` as a whole, the blocks of
their `kinds`, their `parameters`, and what stands `around` them.
"""

from collections.abc import Collection, Iterator

from common import documents
from common.documents import Parsed
from common.errors import ConfigurationError
from sensor.rules import dependencies, kinds, triggers
from sensor.rules.fault import Fault
from sensor.spec import Sensor


def read(document: object, place: str = "", plugins: Collection[str] = frozenset()) -> Parsed[Sensor]:
    """Read and check a document; `plugins` are the kinds of triggers that plug-ins bring.

    Raises `ConfigurationError` with one line for each fault, in Argo Events' order; then come the fields that nobody knows.
    """
    parsed = documents.parse(Sensor, document, place)
    found = _lines(faults(parsed.value, plugins), place)
    if found:
        raise ConfigurationError(*found, *parsed.warnings)
    return Parsed(parsed.value, (*parsed.warnings, *_lines(triggers.warnings(parsed.value.spec.triggers), place)))


def faults(sensor: Sensor, plugins: Collection[str] = frozenset()) -> Iterator[Fault]:
    """Give everything that is wrong with a document."""
    spec = sensor.spec
    yield from dependencies.faults(spec.dependencies)
    yield from triggers.faults(spec.triggers)
    yield from dependencies.beyond(spec.dependencies)
    yield from triggers.beyond(spec.triggers, spec.dependencies, plugins)
    if not sensor.metadata.name:
        yield ("metadata", "name"), "required, but missing"
    elif any(t.template and kinds.labels(t.template) for t in spec.triggers) and not kinds.is_label(sensor.metadata.name):
        yield ("metadata", "name"), f"{sensor.metadata.name!r} cannot be the value of a label"


def _lines(found: Iterator[Fault], place: str) -> list[str]:
    return [f"{documents.path(where, place)}: {what}" for where, what in found]
