"""Where the object of a `k8s` trigger comes from: given in the document, as text, in a file, or in a mounted ConfigMap."""

from dataclasses import dataclass
from pathlib import Path

import orjson

from common.errors import ConfigurationError
from sensor.parameters.yamltext import YamlError, yaml_to_json
from sensor.spec import ArtifactSource


@dataclass(frozen=True, slots=True)
class Folders:
    """Where Kubernetes mounts what documents refer to."""

    config: Path = Path("/argo-events/config")
    secrets: Path = Path("/argo-events/secrets")


def load(source: ArtifactSource, folders: Folders, place: str) -> bytes:
    """Give the object as JSON. Raises `ConfigurationError` with the place."""
    if source.inline is not None:
        return _json(source.inline.encode(), f"{place}.inline")
    if source.file is not None:
        return _json(_read(Path(source.file.path), f"{place}.file"), f"{place}.file")
    if source.configmap is not None:
        path = folders.config / source.configmap.name / source.configmap.key
        return _json(_read(path, f"{place}.configmap"), f"{place}.configmap")
    if source.resource is None:
        raise ConfigurationError(f"{place}: none of inline, file, configmap and resource is given")
    try:
        return orjson.dumps(source.resource)
    except TypeError:
        raise ConfigurationError(f"{place}.resource: cannot be written as JSON") from None


def _read(path: Path, place: str) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise ConfigurationError(f"{place}: {path} cannot be read: {error}") from error


def _json(text: bytes, place: str) -> bytes:
    try:
        return yaml_to_json(text)
    except YamlError as error:
        raise ConfigurationError(f"{place}: {error}") from error
