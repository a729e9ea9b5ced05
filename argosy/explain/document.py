"""The sensor to explain, out of its file and made ready as its pod does at the start; and the event sources beside it."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from argosy import files
from argosy.explain.cluster import OfflineCluster
from argosy.readers import ANY_SERVER, without_mounts
from common import documents
from common.errors import ConfigurationError
from common.subjects import Names
from eventsource.document import check
from eventsource.spec import EventSource, SqsEvent
from sensor import rules
from sensor.dependencies import conditions
from sensor.plan import Planned, plan
from sensor.scripts import require
from sensor.spec import ArtifactSource, Dependency, Sensor
from sensor.triggers import Surroundings
from sensor.triggers.argoworkflow import remote
from sensor.triggers.sources import Folders


@dataclass(frozen=True, slots=True)
class Mounts:
    """Folders of this machine that hold what the pod has mounted; None: nothing of it is here."""

    config: Path | None = None
    secrets: Path | None = None

    @property
    def folders(self) -> Folders:
        """Give them as the triggers want them."""
        usual = Folders()
        return Folders(self.config or usual.config, self.secrets or usual.secrets)

    def holds(self, source: ArtifactSource) -> bool:
        """Say whether what a trigger's object comes from can be read here."""
        if source.file is not None:
            return Path(source.file.path).is_file()
        return self.config is not None


@dataclass(frozen=True, slots=True)
class Subject:
    """The sensor, ready. `cluster` knows what previews could only suppose."""

    sensor: Sensor
    namespace: str
    triggers: tuple[Planned, ...]
    around: Surroundings
    cluster: OfflineCluster
    sources: Mapping[str, Any]
    warnings: tuple[str, ...]

    @property
    def name(self) -> str:
        """The sensor's name."""
        return self.sensor.metadata.name

    @property
    def dependencies(self) -> Mapping[str, Dependency]:
        """The dependencies by name."""
        return {dependency.name: dependency for dependency in self.sensor.spec.dependencies}

    def condition(self, trigger: Planned) -> conditions.Expression:
        """Give the condition of a trigger."""
        (text,) = [t.template.conditions for t in self.sensor.spec.triggers if t.template and t.template.name == trigger.name]
        return conditions.parse(text, list(self.dependencies))

    def queue(self, source: str, event: str) -> SqsEvent | None:
        """Find the entry of an event in the documents of event sources. Raises `ConfigurationError` if it is a bad one."""
        if source not in self.sources:
            return None
        try:
            found: EventSource = check(self.sources[source]).value
        except ConfigurationError as error:
            raise ConfigurationError(*(f"EventSource/{source}: {fault}" for fault in error.faults)) from error
        return found.spec.sqs.get(event)


def read(file: str, *, namespace: str, mounts: Mounts, beside: str = "") -> Subject:
    """Read the one Sensor of a file; `beside` is a file with the event source. Raises `ConfigurationError`, naming the file.

    `namespace` is that of the pod: it counts where the document has none.
    """
    found = _documents(file)
    sensors = [d for d in found if d.get("kind", "Sensor") == "Sensor"]
    if len(sensors) != 1:
        raise ConfigurationError(f"{file}: exactly one Sensor is wanted, {len(sensors)} found")
    beside_it = [*found, *(_documents(beside) if beside else ())]
    sources = {_name(d): d for d in beside_it if d.get("kind") == "EventSource"}
    try:
        return _ready(sensors[0], namespace, mounts, sources)
    except ConfigurationError as error:
        raise ConfigurationError(*(f"{file}: Sensor/{_name(sensors[0])}: {fault}" for fault in error.faults)) from error


def _documents(file: str) -> list[Mapping[str, Any]]:
    try:
        return [document for document in files.documents(file) if isinstance(document, Mapping)]
    except ConfigurationError as error:
        raise ConfigurationError(*(f"{file}: {fault}" for fault in error.faults)) from error


def _ready(document: Mapping[str, Any], namespace: str, mounts: Mounts, sources: Mapping[str, Any]) -> Subject:
    """Do what `sensor.app` does before it opens anything."""
    parsed = rules.read(document)
    sensor, notes = without_mounts(parsed.value, mounts.holds)
    namespace = sensor.metadata.namespace or namespace
    cluster = OfflineCluster()
    around = Surroundings(sensor.metadata.name, namespace, cluster, mounts.folders, argo_server=ANY_SERVER)
    triggers = plan(sensor, around, Names())
    for trigger in triggers:
        for dependency, wish in trigger.wishes.items():
            for language in wish.languages:
                require(language, f"spec.dependencies: {dependency}")
    stand_ins = (f"{note}: some object stands in its place" for note in notes)
    warnings = (*stand_ins, *_at_argo_server(sensor), *parsed.warnings, *_once(w for t in triggers for w in t.warnings))
    return Subject(sensor, namespace, triggers, around, cluster, sources, warnings)


def _at_argo_server(sensor: Sensor) -> Iterator[str]:
    for index, trigger in enumerate(sensor.spec.triggers):
        spec = trigger.template.argo_workflow if trigger.template else None
        if spec is not None and spec.operation in remote.FLAGS:
            place = documents.path(("spec", "triggers", index, "template", "argoWorkflow", "operation"))
            yield f"{place}: {ANY_SERVER.url} stands in the place of the pod's ARGO_SERVER_URL"


def _once(texts: Iterable[str]) -> Iterable[str]:
    return dict.fromkeys(texts)


def _name(document: Mapping[str, Any]) -> str:
    metadata = document.get("metadata")
    return str(metadata.get("name") or "?") if isinstance(metadata, Mapping) else "?"
