"""The example documents that ship with the tool are those of `examples/seed`, and do what the seed asks for."""

from pathlib import Path

import yaml

from argosy.demo.books import body
from argosy.demo.children import DOCUMENTS

SEED = Path(__file__).parents[3] / "examples" / "seed"


def test_the_demo_runs_on_the_documents_of_the_seed() -> None:
    """A newcomer reads in `examples/` exactly what the demo runs on."""
    assert {file.name: file.read_text() for file in DOCUMENTS.glob("*")} == {
        file.name: file.read_text() for file in SEED.glob("*.yaml")
    }


def test_the_sensor_may_create_and_get_workflows_and_nothing_else() -> None:
    """The rights of the seed are the least that work."""
    (role,) = (d for d in yaml.safe_load_all((SEED / "rbac.yaml").read_text()) if d["kind"] == "Role")
    assert role["rules"] == [{"apiGroups": ["argoproj.io"], "resources": ["workflows"], "verbs": ["create", "get"]}]


def test_the_bodies_of_the_demo_are_all_different() -> None:
    """The demo finds the message of a Workflow by its body, so no two may be equal."""
    bodies = [body(number) for number in range(1, 1001)]
    assert len(set(bodies)) == len(bodies)
    assert any('"' in text for text in bodies)
    assert any("\n" in text for text in bodies)
    assert any(not text.isascii() for text in bodies)
