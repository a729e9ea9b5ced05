"""Kinds of triggers from other packages: found by name, given what they need, and named when they fail."""

# ruff: noqa: ANN401 - documents are any JSON

import asyncio
from pathlib import Path
from typing import Any, cast

import pytest

from common import documents
from common.errors import ConfigurationError
from sensor.ports import Cluster, Fired, Firing, Preview, Trigger
from sensor.spec import TriggerTemplate
from sensor.triggers import Surroundings, construct, plugins
from sensor.triggers.sources import Folders
from tests.fakes_sensor import event

GOOD = """
from sensor.ports import Fired, Preview

class Trigger:
    def __init__(self, given):
        self.given, self.payload, self.token = given, given.parameters("payload"), given.secret("token")

    async def fire(self, firing):
        return Fired("fired", f"{self.given.kind} {self.token.text()} {self.payload.payload(firing.events).body.decode()}")

    async def preview(self, firing):
        return Preview(self.given.kind, dict(self.given.spec))
"""
PAYLOAD = [{"src": {"dependencyName": "order", "dataKey": "body"}, "dest": "k"}]


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Install packages for this test alone: `install("kind", code)`."""
    count = iter(range(100))

    def make(kind: str, code: str, points_to: str = "Trigger") -> str:
        number = next(count)
        folder = tmp_path / f"site{number}"
        module = f"plugin_{tmp_path.name}_{number}".replace("-", "_")
        metadata = folder / f"plug_{number}-1.0.dist-info"
        metadata.mkdir(parents=True)
        (folder / f"{module}.py").write_text(code)
        (metadata / "METADATA").write_text(f"Metadata-Version: 2.1\nName: plug-{number}\nVersion: 1.0\n")
        (metadata / "entry_points.txt").write_text(f"[{plugins.GROUP}]\n{kind} = {module}:{points_to}\n")
        monkeypatch.syspath_prepend(folder)
        return module

    return make


def made(template: dict[str, Any], folder: Path = Path("/none")) -> Trigger:
    """Make a trigger as a document would."""
    parsed = documents.parse(TriggerTemplate, {"name": "t"} | template).value
    around = Surroundings("orders", "argo", cast("Cluster", None), Folders(folder, folder))
    return construct(parsed, None, around, "template")


def firing() -> Firing:
    """Make a firing."""
    return Firing("d", {"order": event()}, 0.0)


@pytest.mark.parametrize("of_argo_events", [True, False])
def test_a_plug_in_fires_with_what_it_is_given(install: Any, tmp_path: Path, *, of_argo_events: bool) -> None:
    """Its block, parameters made ready, mounted secrets; under a field of Argo Events' or a name of its own."""
    kind = "slack" if of_argo_events else "pager"
    install(kind, GOOD)
    (tmp_path / "s").mkdir()
    (tmp_path / "s" / "k").write_text("word\n")
    block = {"token": {"name": "s", "key": "k"}, "payload": PAYLOAD, "any": 1}
    trigger = made({kind: block} if of_argo_events else {"argosy": {kind: block}}, tmp_path)
    assert asyncio.run(trigger.fire(firing())) == Fired("fired", f'{kind} word {{"k":"body 1"}}')
    assert asyncio.run(trigger.preview(firing())) == Preview(kind, block)
    assert asyncio.run(trigger.find(firing())) is None
    assert (trigger.needs_cluster, trigger.reach) == (False, None)


def test_installed_kinds_are_named_without_an_import(install: Any) -> None:
    """Rules ask for the names of all; only one that a document uses is imported."""
    install("broken", "raise RuntimeError('imported')")
    assert "broken" in plugins.names()


def test_a_built_in_kind_wins(install: Any) -> None:
    """Of several kinds in one template the first counts, in Argo Events' order; no package takes the place of ours."""
    install("slack", "raise RuntimeError('imported')")
    install("log", "raise RuntimeError('imported')")
    assert type(made({"nats": {"url": "h:1", "subject": "s"}, "slack": {}})).__name__ == "NatsTrigger"
    assert type(made({"log": {}, "argosy": {"pager": {}}})).__name__ == "LogTrigger"


def test_a_kind_that_nobody_brings_is_refused() -> None:
    """With its place, and where such kinds come from."""
    with pytest.raises(ConfigurationError, match=r"template\.kafka: .* no installed package .*argosy\.triggers"):
        made({"kafka": {}})


@pytest.mark.parametrize(
    ("code", "what"),
    [
        ("import no_such_module", "ModuleNotFoundError: No module named 'no_such_module'"),
        ("def Trigger(", "SyntaxError: "),
        ("x = 1", "AttributeError: "),
        ("def Trigger(given): return given.spec['missing']", "KeyError: 'missing'"),
        ("def Trigger(given): raise RuntimeError('down')", "RuntimeError: down"),
        ("def Trigger(): pass", "TypeError: "),
        ("def Trigger(given): return None", "gives no trigger"),
    ],
    ids=["import", "syntax", "entry", "spec", "error", "arguments", "result"],
)
def test_a_plug_in_that_fails_is_named(install: Any, code: str, what: str) -> None:
    """One clear error at start: the place, the package and its version, and what it failed over."""
    module = install("pager", code)
    with pytest.raises(ConfigurationError) as caught:
        made({"argosy": {"pager": {}}})
    assert str(caught.value).startswith("template.argosy.pager: the plug-in plug-0 1.0 ")
    assert module in str(caught.value)
    assert what in str(caught.value)


def test_what_a_plug_in_says_about_its_block_stands(install: Any) -> None:
    """Its own errors about the document have the place already."""
    code = "from common.errors import ConfigurationError\ndef Trigger(given): raise ConfigurationError(f'{given.place}.x: no')"
    install("pager", code)
    with pytest.raises(ConfigurationError, match=r"^template\.argosy\.pager\.x: no$"):
        made({"argosy": {"pager": {}}})


def test_two_packages_of_one_kind_are_refused(install: Any) -> None:
    """Which one runs must not depend on the order of folders."""
    install("pager", GOOD)
    install("pager", GOOD)
    with pytest.raises(ConfigurationError, match="several packages bring this kind of trigger: plug-0, plug-1"):
        made({"argosy": {"pager": {}}})


def test_two_kinds_of_plug_ins_in_one_template_are_refused() -> None:
    """Nobody could say which was meant."""
    with pytest.raises(ConfigurationError, match=r"template\.argosy: one kind of trigger is wanted, not a, b"):
        made({"argosy": {"a": {}, "b": {}}})


@pytest.mark.parametrize(
    ("block", "line"),
    [
        ("text", r"template\.argosy\.pager: an object is wanted"),
        ({"payload": {}}, r"template\.argosy\.pager\.payload: a list is wanted"),
        ({"payload": [{"src": 1}]}, r"template\.argosy\.pager\.payload\[0\]\.src: "),
        ({"payload": [{"dest": "x"}]}, r"template\.argosy\.pager\.payload\[0\]\.src: "),
        ({"token": {"name": "s"}}, r"template\.argosy\.pager\.token\.key: required"),
        ({"token": {"name": "../s", "key": "k"}}, r"template\.argosy\.pager\.token\.name: "),
    ],
)
def test_faults_in_the_block_have_their_places(install: Any, block: Any, line: str) -> None:
    """What `Given` reads for the plug-in it checks like our own."""
    install("pager", GOOD)
    with pytest.raises(ConfigurationError, match=line):
        made({"argosy": {"pager": block}})
