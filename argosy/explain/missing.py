"""What a condition still waits for, as names and in words."""

from collections.abc import Collection, Iterator

from sensor.dependencies.conditions import Either, Name, Node


def missing(node: Node, present: Collection[str]) -> tuple[str, ...]:
    """Name the dependencies whose events would help, each once, left to right; none where the condition holds."""
    return tuple(dict.fromkeys(_missing(node, present)))


def words(node: Node, present: Collection[str]) -> str:
    """Say what has to come: `payment and (stock or credit)`; empty where the condition holds."""
    if node.fires(present):
        return ""
    if isinstance(node, Name):
        return node.name
    parts = [part for part in node.parts if not part.fires(present)]
    if isinstance(node, Either):
        return " or ".join(words(part, present) for part in parts)
    if len(parts) == 1:
        return words(parts[0], present)
    return " and ".join(f"({words(part, present)})" if isinstance(part, Either) else words(part, present) for part in parts)


def _missing(node: Node, present: Collection[str]) -> Iterator[str]:
    if node.fires(present):
        return
    if isinstance(node, Name):
        yield node.name
        return
    for part in node.parts:
        yield from _missing(part, present)
