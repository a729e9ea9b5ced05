"""The files that the tool is given: standard input counts as one, and lists of documents are taken apart."""

import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from common import yamltext
from common.errors import ConfigurationError

STDIN = "-"


def read(file: str) -> bytes:
    """Read a file, or standard input for `-`. Raises `ConfigurationError` without the file's name."""
    try:
        return sys.stdin.buffer.read() if file == STDIN else Path(file).read_bytes()
    except OSError as error:
        raise ConfigurationError(error.strerror or str(error)) from error


def documents(file: str) -> list[Any]:
    """Read the YAML documents of a file. Raises `ConfigurationError` without the file's name."""
    try:
        return list(_unpacked(yamltext.load_all(read(file).decode("utf-8"), "YAML")))
    except UnicodeDecodeError as error:
        raise ConfigurationError(f"not UTF-8: byte {error.start}: {error.reason}") from error
    except RecursionError:
        raise ConfigurationError("nested too deeply") from None
    except ConfigurationError as error:
        raise ConfigurationError(*(fault.removeprefix("YAML: ") for fault in error.faults)) from error


def _unpacked(documents: Iterable[Any]) -> Iterator[Any]:
    """Take lists apart, as `kubectl get -o yaml` writes them."""
    for document in documents:
        kind = document.get("kind") if isinstance(document, Mapping) else None
        if isinstance(kind, str) and kind.endswith("List") and isinstance(document.get("items"), list):
            yield from _unpacked(document["items"])
        else:
            yield document
