"""The command line: what it is called with, and what it says when it cannot go on."""

import importlib.util

import pytest
from typer.testing import CliRunner

from argosy.cli import app
from common.metrics import version


def _run(*arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(app, arguments, env={"COLUMNS": "200"})
    return result.exit_code, result.output


def test_the_version_is_told() -> None:
    """The first thing that a bug report needs."""
    assert _run("--version") == (0, f"argosy {version()}\n")


@pytest.mark.parametrize("command", ["demo", "validate"])
def test_every_command_explains_itself(command: str) -> None:
    """Help that reads like documentation names what the command does and how it ends."""
    code, output = _run(command, "--help")
    assert code == 0
    assert "Ends with 0" in output


def test_moto_is_not_asked_for_more_than_it_can_carry() -> None:
    """Where the emulator would need minutes, the answer is what to do instead."""
    code, output = _run("demo", "--messages", "101")
    assert code == 2
    assert "--sqs-endpoint" in output


def test_a_missing_extra_is_named_with_the_command_that_installs_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who installed the services alone is told how to get the demo."""
    found = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "moto" else found(name))
    code, output = _run("demo")
    assert code == 1
    assert "pip install 'argosy[demo]'" in output


def test_a_kubeconfig_that_is_not_there_is_refused_before_anything_starts() -> None:
    """A typo costs no time."""
    code, output = _run("demo", "--kubeconfig", "absent")
    assert code == 2
    assert "absent" in output
