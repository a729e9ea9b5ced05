"""Build the servers that no registry ships ready to run, once a machine, into the cache outside of the checkout.

`python -m tests.servers.build` builds all of them ahead of the tests; `python -m tests.servers.build kube` one.
"""

import contextlib
import fcntl
import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

HERE = Path(__file__).parent
if __name__ == "__main__":  # started as a file, not as a module
    sys.path.insert(0, str(HERE.parents[1]))

from argosy.servers.process import Unavailable  # noqa: E402 - the path has to be right first

Say = Callable[[str], None]

DEADLINE = 30 * 60.0
PROGRESS = 20.0


def kube(say: Say = print) -> Path:
    """Give the API server's program: `KUBEBUILDER_ASSETS` where that is set, else our own build (cold: 4 minutes)."""
    assets = os.environ.get("KUBEBUILDER_ASSETS")
    if assets:
        program = Path(assets) / "kube-apiserver"
        if not program.is_file():
            raise Unavailable(f"KUBEBUILDER_ASSETS is set, and {program} does not exist")
        return program
    build = ["go", "build", "-trimpath", "-ldflags", _kubernetes_version(), "-o", "{out}/kube", "."]
    return _built("kube", ["go.mod", "go.sum", "main.go"], build, say) / "kube"


def _kubernetes_version() -> str:
    """Give the linker flags without which the server calls itself v0.0.0-master, which kubectl cannot read."""
    match = re.search(r"k8s\.io/kubernetes v(\d+)\.(\d+)\.\d+", (HERE / "kube" / "go.mod").read_text())
    assert match is not None, "kube/go.mod requires k8s.io/kubernetes"
    version = match[0].split()[1]
    values = {"gitVersion": version, "gitMajor": match[1], "gitMinor": match[2]}
    return " ".join(["-s -w", *(f"-X k8s.io/component-base/version.{name}={value}" for name, value in values.items())])


def toxiproxy(say: Say = print) -> Path:
    """Give the program of Toxiproxy."""
    package = "github.com/Shopify/toxiproxy/v2/cmd/server"
    build = ["go", "build", "-trimpath", "-o", "{out}/toxiproxy", package]
    return _built("toxiproxy", ["go.mod", "go.sum"], build, say) / "toxiproxy"


def elasticmq(say: Say = print) -> Path:
    """Give the folder with the jars of ElasticMQ."""
    if shutil.which("java") is None:
        raise Unavailable("ElasticMQ needs java, and it is not on the PATH")
    build = ["mvn", "--batch-mode", "--quiet", "dependency:copy-dependencies", "-DoutputDirectory={out}"]
    return _built("elasticmq", ["pom.xml"], build, say)


def prometheus(say: Say = print) -> Path:
    """Give the folder of prometheus and promtool, without service discovery, which is most of both (cold: 3 minutes)."""
    packages = [f"github.com/prometheus/prometheus/cmd/{name}" for name in ("prometheus", "promtool")]
    build = ["go", "build", "-trimpath", "-tags", "remove_all_sd", "-ldflags", "-s -w", "-o", "{out}/", *packages]
    return _built("prometheus", ["go.mod", "go.sum"], build, say)


ALL = {"elasticmq": elasticmq, "toxiproxy": toxiproxy, "kube": kube, "prometheus": prometheus}


def cache() -> Path:
    """Give the folder that holds what was built; it may be deleted at any time."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "argosy"


def _built(name: str, sources: Sequence[str], command: Sequence[str], say: Say) -> Path:
    """Give the folder of this build, and build it first if this machine has not done so yet."""
    digest = hashlib.sha256(" ".join(command).encode())
    for source in sources:
        digest.update((HERE / name / source).read_bytes())
    target = cache() / f"{name}-{digest.hexdigest()[:16]}"
    if target.is_dir():
        return target
    if shutil.which(command[0]) is None:
        raise Unavailable(f"{name} has to be built once, and {command[0]} is not on the PATH")
    with _locked(target.with_suffix(".lock")):
        if not target.is_dir():
            _build(name, command, target, say)
    return target


def _build(name: str, command: Sequence[str], target: Path, say: Say) -> None:
    """Build beside the target and rename at the end: a build that was cut off leaves nothing that looks whole."""
    say(f"building {name}, once on this machine: {target}")
    start = time.monotonic()
    with tempfile.TemporaryDirectory(prefix=f".{name}-", dir=target.parent, ignore_cleanup_errors=True) as folder:
        out = Path(folder) / "out"
        out.mkdir()
        log = Path(folder) / "log"
        code = _run([part.format(out=out) for part in command], HERE / name, log, say)
        if code:
            tail = "\n".join(log.read_text(errors="replace").splitlines()[-20:])
            raise Unavailable(f"the build of {name} ended with {code}:\n{tail}")
        out.rename(target)
    say(f"built {name} in {time.monotonic() - start:.0f} s")


def _run(command: Sequence[str], folder: Path, log: Path, say: Say) -> int:
    """Run a build to its end and say now and then that it still goes on."""
    start = time.monotonic()
    env = {**os.environ, "CGO_ENABLED": "0"}
    with log.open("wb") as output, subprocess.Popen(command, cwd=folder, env=env, stdout=output, stderr=output) as child:
        try:
            while time.monotonic() - start < DEADLINE:
                with contextlib.suppress(subprocess.TimeoutExpired):
                    return child.wait(PROGRESS)
                say(f"  … {command[0]} has been at it for {time.monotonic() - start:.0f} s")
            raise Unavailable(f"{command[0]} did not end within {DEADLINE:g} s")
        finally:
            child.kill()


@contextlib.contextmanager
def _locked(path: Path) -> Iterator[None]:
    """Let one process build at a time; the others wait and then find it built."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def main() -> int:
    """Build what the command line names, else everything."""
    missing = 0
    for name in sys.argv[1:] or ALL:
        try:
            print(f"{name}: {ALL[name](lambda line: print(line, flush=True))}", flush=True)  # noqa: T201
        except Unavailable as error:
            missing += 1
            print(f"{name}: unavailable: {error}", file=sys.stderr)  # noqa: T201
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main())
