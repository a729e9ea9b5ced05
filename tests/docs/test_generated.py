"""What is generated is current, and what is written by hand points at what exists."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from common.settings import BusSettings, PodSettings, documented
from eventsource.settings import EventSourceSettings
from sensor.settings import SensorSettings

ROOT = Path(__file__).parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("docker/*.md")])
# Variables that pages name although none of our settings classes reads them.
FOREIGN = {"AWS_ROLE_ARN", "ARGO_EVENTS_BIN", "AWS_ENDPOINT_URL_SQS", "LEADER_ELECTION", "ARGS", "CI", "PYTHON", "BASE"}


@pytest.mark.parametrize("tool", ["promises", "settings"])
def test_what_is_generated_is_current(tool: str) -> None:
    """A mark or a setting that changed is in the pages, or the tool says how to get it there."""
    done = subprocess.run(
        [sys.executable, f"tools/{tool}.py", "--check"], cwd=ROOT, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_links_within_the_repository_lead_somewhere(page: Path) -> None:
    """A file that was moved takes its links with it."""
    links = re.findall(r"\]\(([^)#]+)[^)]*\)", page.read_text())
    missing = [link for link in links if "://" not in link and not (page.parent / link).exists()]
    assert not missing


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_variables_in_the_pages_are_read_by_somebody(page: Path) -> None:
    """A page names no setting that does not exist."""
    groups = (PodSettings, BusSettings, EventSourceSettings, SensorSettings)
    known = {name for names, _, _ in documented(*groups).values() for name in names.split(", ")}
    named = set(re.findall(r"`([A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+)(?:=[^`]*)?`", page.read_text()))
    assert named <= known | FOREIGN


def test_the_changelog_has_a_place_for_what_comes() -> None:
    """Whoever changes something that a user notices finds where to say so."""
    assert "\n## [Unreleased]\n" in (ROOT / "CHANGELOG.md").read_text()
