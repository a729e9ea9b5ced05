"""The golden corpus of Argo Events (../shared/data/conformance), as far as this version goes.

A case agrees, or is refused because it needs what is not built yet, or is mended on purpose; each that is none of these fails.
"""

# ruff: noqa: ANN401 - documents are any JSON

import json
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from common import documents, subjects
from common.errors import ConfigurationError, Rejected
from sensor import rules
from sensor.dependencies import conditions
from sensor.ports import Firing
from sensor.spec import ArtifactSource, Dependency, TriggerTemplate
from sensor.spec.backoff import BackoffSpec
from sensor.triggers import Surroundings, construct, sources
from sensor.triggers.sources import Folders
from tests.fakes_eventsource import play
from tests.fakes_sensor import FakeCluster, event

HERE = Path(__file__).parent / "corpus"
NOT_BUILT = "this version of Argosy does not"
MENDED = {"F12", "F15", "F19", "F20", "F30", "F31", "F53", "F55", "F56", "F62", "X3"}
EXPLAINED = {
    "validation-0006": "which bus there is, is no matter of the document",
    "validation-0017": "STAN is not supported at all",
    "validation-0097": "a kind that nobody knows could never fire: refused",
    "triggers-0196": "AlreadyExists is looked at, and is not an error when the object is ours",
    "triggers-0128": "large integers stay exact, Go rounds them to doubles",
    "triggers-0138": "a source of nothing is refused at the start",
    "triggers-0139": "a source of nothing is refused at the start",
    "triggers-0156": "a lone merge sign is refused",
    "triggers-0161": "a float too large is refused, Go makes it a text",
    "triggers-0171": "large integers stay exact, Go rounds them to doubles",
    "triggers-0201": "an object without a kind could never be created: refused at the start",
}


def cases(name: str, *functions: str) -> list[dict[str, Any]]:
    """Give the cases of one file."""
    found: list[dict[str, Any]] = json.loads((HERE / f"{name}.json").read_text())
    return [case for case in found if not functions or case["input"]["function"] in functions]


class Verdicts:
    """Counts what became of the cases, and remembers those that are wrong."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self.wrong: list[str] = []

    def add(self, case: Mapping[str, Any], *, same: bool, refusal: str = "", got: object = "") -> None:
        """Judge one case."""
        if same:
            verdict = "agrees"
        elif NOT_BUILT in refusal:
            verdict = "not built"
        elif MENDED & set(case.get("fault", ())) or case["id"] in EXPLAINED:
            verdict = "mended"
        else:
            verdict = "wrong"
            self.wrong.append(f"{case['id']} ({case['about']}): Go {case['output']!r:.200}, we {refusal or got!r:.200}")
        self.counts[verdict] += 1

    def judged(self, **least: int) -> None:
        """Fail with all that is wrong, or if fewer agree than did before."""
        assert not self.wrong, "\n".join(self.wrong)
        for verdict, number in least.items():
            assert self.counts[verdict] >= number, self.counts


def refusal(error: ConfigurationError) -> str:
    """Give all of what is wrong."""
    return "; ".join(error.faults)


def test_validation() -> None:
    """What the controller's validator accepts and refuses, in its words."""
    verdicts = Verdicts()
    for case in cases("validation"):
        wanted = case["output"].get("error")
        try:
            rules.read(case["input"]["document"])
        except ConfigurationError as error:
            # The day of a time of day is whatever day it is there.
            texts = [fault.partition(": ")[2].replace("2000-01-01", "<today>") for fault in error.faults]
            exact = "stage" in case["output"] or wanted in texts[:1]
            verdicts.add(case, same=wanted is not None and exact, refusal=refusal(error))
        else:
            verdicts.add(case, same=wanted is None, got="valid")
    verdicts.judged(agrees=100)


def test_conditions() -> None:
    """What fires, in which order it subscribes, under which consumer."""
    verdicts = Verdicts()
    for case in cases("conditions", "expression"):
        given, output = case["input"], case["output"]
        wanted = [documents.parse(Dependency, dependency).value for dependency in given["dependencies"]]
        names = [dependency.name for dependency in wanted]
        if any(not rules._DEPENDENCY_NAME.fullmatch(name) or name == rules._RESERVED for name in names):
            verdicts.add(case, same="error" in output, refusal="a name that is refused")
            continue
        if len({conditions.folded(name) for name in names}) < len(names):
            verdicts.add(case, same="error" in output, refusal="twins")
            continue
        try:
            parsed = conditions.parse(given.get("conditions", ""), names)
        except conditions.Malformed as error:
            verdicts.add(case, same="error" in output, refusal=str(error))
            continue
        by_name = {dependency.name: dependency for dependency in wanted}
        durables = {
            f"default.{by_name[n].event_source_name}.{by_name[n].event_name}": subjects.durable(
                given["sensor"], given["trigger"], n
            )
            for n in parsed.names
        }
        fires = {frozenset(one) for one in output.get("firesWith") or ()}
        same = (
            durables == output.get("durables")
            and list(parsed.names) == (output.get("names") or [])
            and parsed.joins == output.get("requiresAnd")
            and all(parsed.fires(one) for one in fires)
        )
        verdicts.add(case, same=same, got=(parsed.names, durables))
    for case in cases("conditions", "durable"):
        given = case["input"]
        name = subjects.durable(given["sensor"], given["trigger"], given["dependency"])
        verdicts.add(case, same=name == case["output"]["durable"], got=name)
    verdicts.judged(agrees=75)


def test_backoff() -> None:
    """Durations, factors, jitter and steps, and how many attempts follow."""
    verdicts = Verdicts()
    for case in cases("triggers", "backoff"):
        output = case["output"]
        try:
            spec = documents.parse(BackoffSpec, case["input"]["backoff"]).value.values()
        except ConfigurationError as error:
            verdicts.add(case, same="error" in output, refusal=refusal(error))
            continue
        if "attempts" in output:
            failures = case["input"]["failures"]
            got: object = min(failures + 1, spec.attempts)
            same = got == output["attempts"] and ("error" in output) == (failures >= spec.attempts)
        else:
            got = (round(spec.first * 1e9), spec.factor, spec.jitter, spec.attempts)
            same = got == (output.get("durationNs"), output.get("factor"), output.get("jitter"), output.get("steps"))
        verdicts.add(case, same=same, got=got)
    verdicts.judged(agrees=28)


def test_sources(tmp_path: Path) -> None:
    """Objects as text, in files and in ConfigMaps: YAML as Go reads it."""
    verdicts = Verdicts()
    for case in cases("triggers", "artifact"):
        given, output = case["input"], case["output"]
        for path, text in (given.get("files") or {}).items():
            there = tmp_path / case["id"] / path.lstrip("/")
            there.parent.mkdir(parents=True, exist_ok=True)
            there.write_text(text)
        folder = tmp_path / case["id"]
        try:
            source = documents.parse(ArtifactSource, given["source"]).value
            if source.file is not None:
                moved = str(folder / source.file.path.lstrip("/"))
                source = source.model_copy(update={"file": source.file.model_copy(update={"path": moved})})
            got: object = json.loads(sources.load(source, Folders(folder / "argo-events/config"), "here"))
            if not isinstance(got, dict):
                raise ConfigurationError("here: an object is wanted")
        except ConfigurationError as error:
            verdicts.add(case, same="error" in output, refusal=refusal(error))
            continue
        verdicts.add(case, same="result" in output and json.loads(output["result"]) == got, got=got)
    verdicts.judged(agrees=30)


def test_k8s() -> None:
    """The objects that are created: everything but our name and annotations."""
    verdicts = Verdicts()
    for case in cases("triggers", "k8s"):
        given, output = case["input"], case["output"]
        cluster = FakeCluster(cluster_wide=frozenset({"Namespace", "ClusterRole"}))
        try:
            document = {"metadata": {"name": given["sensor"]}, "spec": {"dependencies": [], "triggers": [given["trigger"]]}}
            unsupported = [f for f in _faults(document) if NOT_BUILT in f]
            if unsupported:
                raise ConfigurationError(*unsupported)
            template = documents.parse(TriggerTemplate, given["trigger"]["template"]).value
            trigger = construct(template, None, Surroundings(given["sensor"], given["namespace"], cluster), "here")
            given_events = {name: _event(one) for name, one in (given.get("events") or {}).items()}
            play(trigger.fire(Firing("d0" * 32, given_events, 1.0)))
        except (ConfigurationError, Rejected) as error:
            text = refusal(error) if isinstance(error, ConfigurationError) else str(error)
            verdicts.add(case, same="error" in output, refusal=text)
            continue
        creates = [a for a in output["actions"] if a["verb"] == "create"]
        made = [(namespace, _undone(one)) for (namespace, _, _), one in cluster.objects.items()]
        same = made == [(a["namespace"], _undone(a["object"])) for a in creates]
        verdicts.add(case, same=same and "error" not in output, got=made)
    verdicts.judged(agrees=9)


def _faults(document: dict[str, Any]) -> tuple[str, ...]:
    try:
        rules.read(document)
    except ConfigurationError as error:
        return error.faults
    return ()


def _event(given: Mapping[str, Any]) -> Any:
    fields = {key: value for key, value in given.items() if key != "data"}
    data = given.get("data")
    return event(**fields, data=None if data is None else data.encode())


def _undone(made: dict[str, Any]) -> dict[str, Any]:
    """Take out what is ours, and the time."""
    metadata = dict(made["metadata"])
    metadata.pop("annotations", None)
    if "generateName" in metadata:
        metadata.pop("name", None)
    labels = dict(metadata.get("labels") or {})
    labels.pop("events.argoproj.io/action-timestamp", None)
    return {**made, "metadata": {**metadata, "labels": labels}}
