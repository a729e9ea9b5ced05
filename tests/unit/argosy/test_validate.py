"""`argosy validate` says offline, document by document, what the pods would say."""

import json
import os
from pathlib import Path

import pytest
from typer.testing import CliRunner

from argosy.cli import app
from argosy.validate import Finding, Verdict, validate

CORPUS = sorted((Path(__file__).parent / "corpus").glob("*.yaml"))
ROOT = Path(__file__).parents[3]
SEED = ROOT / "examples" / "seed"


def _run(*arguments: str, stdin: str = "") -> tuple[int, str]:
    result = CliRunner().invoke(app, ["validate", *arguments], input=stdin)
    return result.exit_code, result.stdout


def _examples() -> Path:
    """Find Argo Events' own examples, or skip."""
    given = os.environ.get("ARGO_EVENTS_EXAMPLES")
    folder = Path(given) if given else ROOT.parent / "shared" / "data" / "argo-events" / "examples"
    if not folder.is_dir():
        pytest.skip("Argo Events' examples are not here: set ARGO_EVENTS_EXAMPLES to their folder")
    return folder


@pytest.mark.promise("I3")
@pytest.mark.parametrize("file", CORPUS, ids=lambda file: file.stem)
def test_a_bad_document_is_refused_with_the_place_of_its_fault(file: Path) -> None:
    """Each document of the corpus has one fault, which its first line foretells; it is told in one line, with its path."""
    expected = file.read_text().splitlines()[0].removeprefix("# ")
    (finding,) = validate([str(file)])
    assert finding.verdict is Verdict.REFUSED
    assert finding.faults == (expected,)


@pytest.mark.promise("I3")
def test_every_fault_is_told_not_only_the_first() -> None:
    """Who mends a document wants to mend it once."""
    text = "kind: EventSource\nmetadata: {}\nspec: {kafka: {a: {}}, sqs: {b: {queue: q}}}\n"
    code, output = _run("-", stdin=text)
    assert code == 1
    assert [line.split(": ")[2] for line in output.splitlines() if line.startswith("fault")] == [
        "metadata.name",
        "spec.kafka",
        "spec.sqs.b",
    ]


def test_the_way_of_the_seed_is_accepted_without_a_word() -> None:
    """The example that a newcomer copies has no faults and no warnings; what Argosy does not read is named and skipped."""
    findings = {finding.name: finding for finding in validate([str(SEED)])}
    read = {"EventBus/default", "EventSource/orders", "Sensor/orders"}
    assert {name for name, finding in findings.items() if finding.verdict is Verdict.ACCEPTED} == read
    assert all(findings[name].verdict is Verdict.SKIPPED for name in set(findings) - read)
    assert not any(finding.warnings for finding in findings.values())


@pytest.mark.promise("I6")
def test_all_of_argo_events_examples_are_read() -> None:
    """Each is accepted, or refused with the names of what is not supported; none is unreadable, none crashes the tool."""
    findings = list(validate([str(_examples())]))
    assert len(findings) > 100
    assert not [finding for finding in findings if finding.verdict is Verdict.UNREADABLE]
    for finding in findings:
        assert bool(finding.faults) == (finding.verdict is Verdict.REFUSED)
        for fault in finding.faults:
            path, _, what = fault.partition(": ")
            assert path.startswith(("spec", "metadata")), fault
            assert what, fault


@pytest.mark.promise("I6")
def test_argo_events_own_sqs_example_is_accepted() -> None:
    """The two documents that are exactly our case need no change at all."""
    examples = _examples()
    files = [str(examples / folder / "aws-sqs.yaml") for folder in ("event-sources", "sensors")]
    assert [(finding.verdict, finding.warnings) for finding in validate(files)] == [(Verdict.ACCEPTED, ())] * 2


@pytest.mark.promise("I6")
def test_an_unknown_field_is_a_warning_with_its_path() -> None:
    """A typo does not stop a pod, but it is not swallowed either."""
    text = (SEED / "eventsource.yaml").read_text().replace("waitTimeSeconds", "waitTimeSecond")
    code, output = _run("-", stdin=text)
    assert code == 0
    assert "warning     -: EventSource/orders: spec.sqs.placed.waitTimeSecond: unknown field, ignored\n" in output


def test_a_list_is_taken_apart() -> None:
    """What `kubectl get -o yaml` writes is read as the documents that it holds."""
    sensors = "{kind: SensorList, items: [{kind: Sensor, metadata: {name: a}}]}"
    text = f"kind: List\nitems: [{sensors}, {{kind: Secret, metadata: {{name: b}}}}]"
    code, output = _run("-", "--output", "json", stdin=text)
    assert code == 1
    assert [(found["name"], found["verdict"]) for found in json.loads(output)] == [
        ("Sensor/a", "refused"),
        ("Secret/b", "skipped"),
    ]


@pytest.mark.parametrize("version", ["sources.knative.dev/v1", "v1"])
def test_a_kind_of_the_same_name_from_elsewhere_is_skipped(version: str) -> None:
    """Others have a kind `EventSource` too."""
    code, output = _run("-", stdin=f"apiVersion: {version}\nkind: EventSource\nmetadata: {{name: a}}\n")
    assert code == 0
    assert output.startswith("skipped     -: EventSource/a: a kind that Argosy does not read\n")


@pytest.mark.parametrize(
    ("content", "what"),
    [
        pytest.param(b"a: [", "not YAML", id="not-yaml"),
        pytest.param(b"a: \xff", "not UTF-8: byte 3", id="not-text"),
        pytest.param(b"[" * 5000, "nested too deeply", id="too-deep"),
    ],
)
def test_what_cannot_be_read_ends_with_2_and_the_reason(tmp_path: Path, content: bytes, what: str) -> None:
    """A file that is no YAML is another fault than a bad document, and outranks it."""
    file = tmp_path / "a.yaml"
    file.write_bytes(content)
    code, output = _run(str(file), str(CORPUS[0]))
    assert code == 2
    assert f"fault       {file}: {what}" in output
    assert "1 refused, 1 unreadable" in output


def test_a_file_that_is_not_there_ends_with_2(tmp_path: Path) -> None:
    """A wrong name is told as such."""
    code, output = _run(str(tmp_path / "absent.yaml"))
    assert code == 2
    assert "No such file or directory" in output


def test_an_empty_folder_has_no_documents(tmp_path: Path) -> None:
    """Nothing to refuse is no failure, but it is said."""
    assert _run(str(tmp_path)) == (0, "no documents found\n")


@pytest.mark.parametrize(
    "text", ["42", "''", "[]", "kind: 3", "kind: Sensor\nspec: 3", "kind: EventSource\nmetadata: 1", "1: 2"]
)
def test_any_yaml_gets_a_verdict(text: str) -> None:
    """Whatever stands in a document, the answer is a line, not a traceback."""
    code, output = _run("-", stdin=text)
    assert code == 1
    assert "refused" in output


def test_json_tells_all_that_the_lines_tell() -> None:
    """Programs get faults and warnings as data."""
    code, output = _run("--output", "json", str(CORPUS[0]), str(SEED / "eventbus.yaml"))
    assert code == 1
    refused, accepted = json.loads(output)
    assert refused == {
        "file": str(CORPUS[0]),
        "name": "document",
        "verdict": "refused",
        "faults": ["an object is wanted, not list"],
        "warnings": [],
    }
    assert Finding(**accepted) == Finding(str(SEED / "eventbus.yaml"), "EventBus/default", Verdict.ACCEPTED, [], [])  # type: ignore[arg-type]
