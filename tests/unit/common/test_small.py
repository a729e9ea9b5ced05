"""What a pod does not load."""

import subprocess
import sys

import pytest


@pytest.mark.promise("F4")
def test_an_event_source_does_not_load_what_prints_on_terminals() -> None:
    """Rich comes with the tool and costs 3 MiB; whoever wants it can still have it."""
    code = "import eventsource.app, sys; assert 'rich' not in sys.modules; import rich.console"
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)
