"""How a process ends."""

import subprocess
import sys

import pytest

ENDS = """
import asyncio, atexit, os, signal
from common import process

async def main(_: None) -> None:
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, print, "SIGTERM")
    {body}

atexit.register(os.kill, os.getpid(), signal.SIGTERM)
process.run(lambda: None, main)
"""


@pytest.mark.promise("A9")
@pytest.mark.parametrize(("body", "code"), [("pass", 0), ("raise OSError", 1)])
def test_a_second_sigterm_does_not_change_how_it_ends(body: str, code: int) -> None:
    """It comes when all is done, while Python cleans up: the exit code is that of the work.

    Let `process.run` leave the signal to its default to see it fail with -15.
    """
    ended = subprocess.run([sys.executable, "-c", ENDS.format(body=body)], check=False, capture_output=True, timeout=60)
    assert ended.returncode == code
