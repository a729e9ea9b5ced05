"""`argosy demo` shows the whole pipeline, counts right, and leaves nothing behind."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest

from argosy.servers.apiserver import ApiServer
from argosy.servers.process import answers

DEMO = (sys.executable, "-c", "from argosy.cli import main; main()", "demo", "--messages", "5")
COUNTS = {"sent": "5", "created": "5", "lost": "0", "doubled": "0", "strange": "0", "in the queue": "0"}
PATIENCE = 90.0


@pytest.fixture
def without_kube(tmp_path: Path) -> dict[str, str]:
    """Give an environment in which no kube-apiserver is found."""
    return {"XDG_CACHE_HOME": str(tmp_path), "KUBEBUILDER_ASSETS": "", "COLUMNS": "200", "TMPDIR": str(tmp_path)}


def _run(*options: str, env: Mapping[str, str] | None = None) -> tuple[int, str]:
    done = subprocess.run(
        [*DEMO, *options],
        env={**os.environ, "COLUMNS": "200", **(env or {})},
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


@contextmanager
def _kept(tmp_path: Path, env: Mapping[str, str]) -> Iterator[tuple["subprocess.Popen[bytes]", Path]]:
    """Run with --keep until all is told; gives the process and the file of its output."""
    told = tmp_path / "told"
    with told.open("wb") as out:
        demo = subprocess.Popen([*DEMO, "--keep"], env={**os.environ, **env}, stdout=out, stderr=out, start_new_session=True)
    try:
        end = time.monotonic() + PATIENCE
        while "New Workflows are told here" not in told.read_text():
            assert demo.poll() is None, told.read_text()
            assert time.monotonic() < end, told.read_text()
            time.sleep(0.1)
        yield demo, told
    finally:
        demo.kill()
        demo.wait()


def _summary(output: str) -> dict[str, str]:
    return dict(re.findall(r"^(sent|created|lost|doubled|strange|in the queue) +(\d+)", output, re.MULTILINE))


@pytest.mark.promise("A9")
def test_the_demo_runs_without_anything_and_ends_when_asked(tmp_path: Path, without_kube: dict[str, str]) -> None:
    """No account, no cluster, no Go: five messages become five Workflows, and SIGTERM ends every child with it."""
    with _kept(tmp_path, without_kube) as (demo, told):
        output = told.read_text()
        assert _summary(output) == COUNTS
        assert re.search(r"^p50 +\d+ ms .*\np99 +\d+ ms ", output, re.MULTILINE)
        assert "STAND-IN" in output
        pages = re.findall(r"^  (http://\S+/)$", output, re.MULTILINE)
        assert len(pages) == 2
        assert all(answers(f"{page}readyz") for page in pages)
        demo.send_signal(signal.SIGTERM)
        assert demo.wait(60) == 0
    assert not any(answers(f"{page}livez") for page in pages)
    assert not list(tmp_path.glob("argosy-demo-*"))


def test_the_demo_takes_the_real_api_server_where_it_is_built(kube: ApiServer) -> None:
    """Where the tests have built a kube-apiserver, the same five messages go through it, with the seed's rights alone."""
    assert kube.url
    code, output = _run()
    assert code == 0, output
    assert _summary(output) == COUNTS
    assert "the real kube-apiserver" in output


def test_the_demo_takes_a_cluster_of_the_users(kube: ApiServer, tmp_path: Path) -> None:
    """With --kubeconfig the Workflows are made there, in a namespace that is removed again."""
    code, output = _run("--kubeconfig", str(kube.kubeconfig(tmp_path / "kubeconfig")))
    assert code == 0, output
    assert _summary(output) == COUNTS
    assert kube.url in output
    # Nobody collects garbage here: what can be seen is that the namespace was told to go.
    assert kube.client.get("/api/v1/namespaces/argosy-demo")["status"]["phase"] == "Terminating"


def test_a_child_that_dies_ends_the_demo_with_its_last_words(tmp_path: Path, without_kube: dict[str, str]) -> None:
    """A demo that lost a part says which, shows the end of its log, and fails."""
    with _kept(tmp_path, without_kube) as (demo, told):
        os.kill(_child(demo.pid, "POD_NAME=demo-sensor"), signal.SIGKILL)
        assert demo.wait(60) == 1
        output = told.read_text()
    assert "The demo cannot go on: sensor has ended. Its last lines:\n{" in output
    assert "consumer.attached" in output


def _child(parent: int, variable: str) -> int:
    """Find the child process that has this in its environment."""
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            status, environ = (folder / "status").read_text(), (folder / "environ").read_bytes()
        except OSError:
            continue
        if f"\nPPid:\t{parent}\n" in status and variable.encode() in environ.split(b"\0"):
            return int(folder.name)
    pytest.skip("no /proc here")
