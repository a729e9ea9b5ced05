"""Paths as texts: nothing is looked up anywhere."""

from collections.abc import Callable
from typing import Any


def clean(path: str) -> str:
    """Give the shortest path that means the same."""
    rooted = path.startswith("/")
    kept: list[str] = []
    for part in path.split("/"):
        if part == ".." and kept and kept[-1] != "..":
            kept.pop()
        elif (part == ".." and not rooted) or part not in {"", ".", ".."}:
            kept.append(part)
    return ("/" if rooted else "") + "/".join(kept) or "."


def base(path: str) -> str:
    """Give the last part."""
    if not path:
        return "."
    return path.rstrip("/").rpartition("/")[2] or "/"


def directory(path: str) -> str:
    """Give all but the last part."""
    return clean(path[: path.rfind("/") + 1])


def ext(path: str) -> str:
    """Give the ending, from the last dot of the last part on."""
    name = path.rpartition("/")[2]
    return name[name.rfind(".") :] if "." in name else ""


def is_abs(path: str) -> bool:
    """Say whether the path starts at the root."""
    return path.startswith("/")


FUNCTIONS: dict[str, Callable[..., Any]] = {
    "base": base,
    "clean": clean,
    "dir": directory,
    "ext": ext,
    "isAbs": is_abs,
    "osBase": base,
    "osClean": clean,
    "osDir": directory,
    "osExt": ext,
    "osIsAbs": is_abs,
}
