"""Values that Kubernetes mounts into the pod: each key of a Secret or of a ConfigMap is a file.

Files are read at each use, so a rotated secret needs no restart, and a document can be looked at where nothing is mounted.
As a text such a value is its own mask, `<secret name/key>`: what it holds reaches no log and no preview.
"""

import re
from dataclasses import dataclass
from pathlib import Path

from common.errors import ConfigurationError, Refused
from sensor.spec import KeySelector
from sensor.triggers.sources import Folders

_NAME = re.compile(r"[-._a-zA-Z0-9]+")
"""What Kubernetes allows, as far as it matters here: no name leads out of its folder."""
Stamp = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Mounted:
    """One key: `kind` is `secret` or `configmap`."""

    kind: str
    name: str
    key: str
    path: Path
    optional: bool = False

    def __str__(self) -> str:
        return f"<{self.kind} {self.name}/{self.key}>"

    def text(self) -> str | None:
        """Read it, without one line feed at its end; None where it is optional and not there. Raises `Refused`."""
        content = self.content()
        try:
            return None if content is None else content.decode().removesuffix("\n")
        except UnicodeDecodeError:
            raise Refused(f"{self} is not UTF-8") from None

    def content(self) -> bytes | None:
        """Read its bytes. Raises `Refused`, naming the file: it may be mounted later."""
        try:
            return self.path.read_bytes()
        except FileNotFoundError as error:
            if self.optional:
                return None
            raise self._unreadable(error) from error
        except OSError as error:
            raise self._unreadable(error) from error

    def stamp(self) -> Stamp:
        """Give what changes when the file does. Raises `Refused`."""
        try:
            found = self.path.stat()
        except OSError as error:
            raise self._unreadable(error) from error
        return found.st_mtime_ns, found.st_ino, found.st_size

    def _unreadable(self, error: OSError) -> Refused:
        return Refused(f"{self} cannot be read: {self.path}: {error.strerror or type(error).__name__}")


def secret(selector: KeySelector, folders: Folders, place: str) -> Mounted:
    """Find a key of a Secret. Raises `ConfigurationError` with the place."""
    return _mounted("secret", folders.secrets, selector, place)


def configmap(selector: KeySelector, folders: Folders, place: str) -> Mounted:
    """Find a key of a ConfigMap. Raises `ConfigurationError` with the place."""
    return _mounted("configmap", folders.config, selector, place)


def _mounted(kind: str, folder: Path, selector: KeySelector, place: str) -> Mounted:
    for field, value in (("name", selector.name), ("key", selector.key)):
        if not value:
            raise ConfigurationError(f"{place}.{field}: required, but missing")
        if not _NAME.fullmatch(value) or value in {".", ".."}:
            raise ConfigurationError(f"{place}.{field}: {value!r} can be no {field} of a {kind}")
    return Mounted(kind, selector.name, selector.key, folder / selector.name / selector.key, selector.optional)
