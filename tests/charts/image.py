"""The image, built by buildah without a daemon and without a registry, and started with a root that cannot be written to.

The base is a small Debian of this machine's own mirror, made once by debootstrap: it stands in for the official one, which
the build file takes by default. Both tools are Debian packages; where they or the rights for them are missing, so is the image.
"""

import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from argosy.servers.process import Unavailable
from tests.servers.build import _locked, cache

ROOT = Path(__file__).parents[2]
SUITE = "bookworm"
PACKAGES = "python3,python3-venv,ca-certificates"
PIP = ("/etc/pip.conf", "/etc/ssl/certs")
"""What the build takes from this machine, so that pip finds its index and trusts it."""
INSIDE = """
set -e
root=$1; shift
mount --make-rprivate /
mount --bind "$root" "$root"
mount -o remount,ro,bind "$root"
mount -t tmpfs -o mode=1777 tmpfs "$root/tmp"
mount -t proc proc "$root/proc"
mount --rbind /dev "$root/dev"
exec chroot --userspec="$ARGOSY_USER" "$root" /usr/bin/env -i -C "$ARGOSY_DIRECTORY" "$@"
"""
"""A container by hand: namespaces of its own, a root that is read-only, and nothing writable but /tmp."""
Say = Callable[[str], None]


def base(say: Say) -> Path:
    """Give the file system of the base. Raises `Unavailable`."""
    for tool in ("buildah", "debootstrap", "unshare"):
        if shutil.which(tool) is None:
            raise Unavailable(f"the image is built with buildah and debootstrap, and {tool} is not on the PATH")
    if os.geteuid() != 0:
        raise Unavailable("the image is built by root alone: its base is a file system with owners")
    target = cache() / f"image-base-{SUITE}"
    with _locked(target.with_suffix(".lock")):
        if not target.is_dir():
            say(f"making the base of the image, once on this machine: {target}")
            with tempfile.TemporaryDirectory(prefix=".image-base-", dir=target.parent, ignore_cleanup_errors=True) as folder:
                made = Path(folder) / "root"
                made.mkdir(mode=0o755)
                _run("debootstrap", "--variant=minbase", f"--include={PACKAGES}", SUITE, made)
                made.rename(target)
    return target


@dataclass(frozen=True, slots=True)
class Image:
    """A built image: where its file system is, and what it says about itself."""

    root: Path
    config: Mapping[str, Any]

    def run(self, *command: str, env: Mapping[str, str] | None = None, seconds: float = 90) -> tuple[int, str]:
        """Run a command in it as a container would; give the exit code and all that it said."""
        variables = [*self.config["Env"], *(f"{name}={value}" for name, value in (env or {}).items())]
        apart = ["unshare", "--mount", "--pid", "--fork", "--kill-child", "sh", "-c", INSIDE, "sh", self.root]
        told = {"ARGOSY_USER": self.config["User"], "ARGOSY_DIRECTORY": self.config["WorkingDir"]}
        done = subprocess.run(
            [*apart, *variables, *command],
            env={"PATH": os.environ["PATH"], **told},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=seconds,
            check=False,
        )
        return done.returncode, done.stdout


class Builder:
    """Builds into a store of its own, which goes with its folder."""

    def __init__(self, folder: Path) -> None:
        """Take a folder on a disk; nothing is made yet."""
        self._folder = folder
        self._buildah = ["buildah", "--root", folder / "store", "--runroot", folder / "run", "--storage-driver", "vfs"]

    def prepare(self, root: Path) -> None:
        """Make an image of the base. Raises `Unavailable` where buildah may not."""
        self._do("from", "--name", "base", "scratch")
        self._do("add", "base", root, "/")
        self._do("commit", "--quiet", "--rm", "base", "localhost/base")

    def build(self) -> Image:
        """Build the image as docker/Dockerfile says, from the root of the checkout."""
        volumes = [word for path in PIP if Path(path).exists() for word in ("--volume", f"{path}:{path}:ro")]
        arguments = ["--build-arg", "BASE=localhost/base", "--build-arg", "VERSION=1.2.3", "--build-arg", "REVISION=abc"]
        where = ["--file", ROOT / "docker" / "Dockerfile", "--tag", "localhost/argosy", ROOT]
        quiet = ["--pull-never", "--isolation", "chroot", "--network", "host", "--quiet"]
        command = [*self._buildah, "build", *quiet, *volumes, *arguments, *where]
        done = subprocess.run(command, capture_output=True, text=True, timeout=600, check=False)
        assert done.returncode == 0, (done.stdout + done.stderr)[-4000:]
        told = json.loads(self._do("inspect", "--type", "image", "localhost/argosy"))
        self._do("from", "--name", "argosy", "localhost/argosy")
        return Image(Path(self._do("mount", "argosy").strip()), told["OCIv1"]["config"])

    def remove(self) -> None:
        """Give the disk back."""
        self._do("umount", "--all")
        shutil.rmtree(self._folder, ignore_errors=True)

    def _do(self, *arguments: str | Path) -> str:
        return _run(*self._buildah, *arguments)


def _run(*command: str | Path) -> str:
    done = subprocess.run([*map(str, command)], capture_output=True, text=True, timeout=600, check=False)
    if done.returncode:
        told: Sequence[str] = (done.stdout + done.stderr).splitlines()[-5:]
        raise Unavailable(f"{' '.join(map(str, command[:1]))} does not work here: {' '.join(told)}")
    return done.stdout
