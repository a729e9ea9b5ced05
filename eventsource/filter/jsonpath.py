"""Paths as evilmonkeyinc/jsonpath v0.8.1 reads them: `$.a.b`, `$['a']`, `$[0,-1]`, `$[1:3]`, `$..a`, `$[?(@.n > 1)]`."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeAlias

from common.sprig.values import encode
from eventsource.filter.budget import Frame
from eventsource.filter.errors import Fault
from eventsource.filter.values import Int64, Value, type_name

LONGEST = 4_000
"""Characters of a path."""
_INTEGER = re.compile(r"[+-]?[0-9]{1,18}")
_QUOTED = re.compile(r"""'(?:[^']|(?<=\\)')*'|"(?:[^"]|(?<=\\)")*\"""")
_MOST_ENDS = 3


class Script(Protocol):
    """An expression within a path."""

    def __call__(self, frame: Frame, root: Value, current: Value) -> Value:
        """Evaluate it. Raises `Fault`."""


Step: TypeAlias = "Callable[[Walk, Value, Sequence[Step]], Value]"
"""One part of a path: it goes on from the current value, and hands what it finds to the parts behind it."""
Steps: TypeAlias = Sequence[Step]


@dataclass(frozen=True, slots=True)
class Walk:
    """One question: the budget and the whole document."""

    frame: Frame
    root: Value

    def on(self, current: Value, following: Steps) -> Value:
        """Do what follows, if anything does."""
        self.frame.spend(1)
        return following[0](self, current, following[1:]) if following else current

    def each(self, values: Sequence[Value], following: Steps) -> list[Value]:
        """Do what follows to each of several values, and leave out those where it fails or finds nil."""
        found = []
        for value in values:
            try:
                one = self.on(value, following)
            except Fault:
                self.frame.spend(0)
                continue
            if one is not None or not following:
                found.append(one)
        return found


def query(frame: Frame, path: str, document: Value) -> Value:
    """Find what a path names. Raises `Fault` where it is wrong or names nothing."""
    return Walk(frame, document).on(document, compile_path(path))


def compile_path(path: str) -> list[Step]:
    """Read a path. Raises `Fault`."""
    if len(path) > LONGEST:
        raise Fault(f"a JSONPath is longer than {LONGEST} characters")
    if path[:1] not in ("$", "@") or (len(path) > 1 and path[1] not in ".["):
        raise Fault(f"invalid JSONPath selector {path!r}")
    return [_root if path[0] == "$" else _here, *map(_step, _pieces(path[1:]))]


# ------------------------------------------------------------------------------------------------------------ reading


def _pieces(path: str) -> list[str]:
    """Cut a path at its points and brackets."""
    pieces: list[str] = []
    position = 0
    while position < len(path):
        if path.startswith("..", position):
            end = position + 2
        elif path.startswith(".[", position):
            position += 1
            continue
        elif path[position] == "[":
            end = _end_of_subscript(path, position)
        else:
            position += path[position] == "."
            end = _end_of_name(path, position)
        pieces.append(path[position:end])
        position = end
    return pieces


def _end_of_name(path: str, position: int) -> int:
    quotes, open_brackets = 0, 0
    for index in range(position, len(path)):
        char = path[index]
        if char == "[" or (char == "." and quotes % 2 == 0 and not open_brackets):
            return index
        quotes += char == "'"
        open_brackets += (char == "(") - (char == ")")
    return len(path)


def _end_of_subscript(path: str, position: int) -> int:
    quotes, scripts, subscripts = 0, 0, 0
    for index in range(position, len(path)):
        char = path[index]
        quotes += char == "'"
        scripts += (char == "(") - (char == ")")
        subscripts += (char == "[") - (char == "]")
        if char == "]" and not subscripts and not scripts and quotes % 2 == 0:
            return index + 1
    return len(path)


def _step(piece: str) -> Step:
    piece = piece.strip()
    fixed: dict[str, Step] = {"$": _root, "@": _here, "*": _wildcard, "..": _recursive, "length": _length}
    if piece in fixed:
        return fixed[piece]
    if not piece:
        raise Fault("invalid JSONPath: an empty part")
    return _subscript(piece) if piece.startswith("[") else _key(piece)


def _subscript(piece: str) -> Step:
    inner = piece[1:-1].strip()
    if not piece.endswith("]") or not inner:
        raise Fault(f"invalid JSONPath part {piece!r}")
    if inner == "*":
        return _wildcard
    if inner.startswith("?"):
        if not inner.startswith("?(") or not inner.endswith(")"):
            raise Fault(f"invalid JSONPath part {piece!r}")
        return _filter(_script(inner[2:-1].strip()))
    arguments, sign = _arguments(inner, piece)
    if sign == ":":
        return _range(arguments, piece)
    if any(argument is None for argument in arguments):
        raise Fault(f"invalid JSONPath part {piece!r}")
    return _union(arguments) if sign else _one(arguments[0])


def _arguments(inner: str, piece: str) -> tuple[list[Any], str]:
    """Cut what is in brackets at its commas or colons, outside of quotes and scripts."""
    found, sign, start, quote, depth = [], "", 0, "", 0
    for index, char in enumerate(inner):
        if quote:
            quote = "" if char == quote and inner[index - 1] != "\\" else quote
        elif char in "'\"" and not depth:
            quote = char
        elif char in "()":
            depth += 1 if char == "(" else -1
        elif char in ",:" and not depth:
            if sign not in ("", char):
                raise Fault(f"invalid JSONPath part {piece!r}")
            found.append(_argument(inner[start:index].strip(), piece))
            sign, start = char, index + 1
    if quote or depth:
        raise Fault(f"invalid JSONPath part {piece!r}")
    return [*found, _argument(inner[start:].strip(), piece)], sign


def _argument(word: str, piece: str) -> Any:  # noqa: ANN401 - a number, a key, a script or nothing
    if not word:
        return None
    if _INTEGER.fullmatch(word):
        return int(word)
    if _QUOTED.fullmatch(word):
        return word[1:-1].replace("\\" + word[0], word[0])
    if len(word) > 2 and word[0] == "(" and word[-1] == ")":  # noqa: PLR2004 - brackets and something in them
        return _script(word[1:-1])
    raise Fault(f"invalid JSONPath part {piece!r}")


def _script(text: str) -> Script:
    # The two files know each other: a path has scripts in it, and a script has paths in it.
    from eventsource.filter.jsonscript import compile_script  # noqa: PLC0415

    return compile_script(text)


# ------------------------------------------------------------------------------------------------------------- walking


def _root(walk: Walk, _: Value, following: Steps) -> Value:
    return walk.on(walk.root, following)


def _here(walk: Walk, current: Value, following: Steps) -> Value:
    return walk.on(current, following)


def _key(key: str) -> Step:
    def step(walk: Walk, current: Value, following: Steps) -> Value:
        if not isinstance(current, dict):
            raise Fault(f"key: invalid token target. expected [map] got {type_name(current)}")
        if key not in current:
            raise Fault(f"key: invalid token key {key!r} not found")
        return walk.on(current[key], following)

    return step


@dataclass(frozen=True, slots=True)
class _Index:
    """`[0]`. What gives several values is asked for one of them, instead of asking each."""

    index: int

    def __call__(self, walk: Walk, current: Value, following: Steps) -> Value:
        if not isinstance(current, list):
            raise Fault(f"index: invalid token target. expected [array slice] got {type_name(current)}")
        place = self.index + len(current) if self.index < 0 else self.index
        if not 0 <= place < len(current):
            raise Fault("index: invalid token out of range")
        return walk.on(current[place], following)


def _one(argument: Any) -> Step:  # noqa: ANN401 - see _argument
    if isinstance(argument, str):
        return _key(argument)
    return _Index(argument) if isinstance(argument, int) else _scripted(argument)


def _scripted(script: Script) -> Step:
    def step(walk: Walk, current: Value, following: Steps) -> Value:
        value = script(walk.frame, walk.root, current)
        if isinstance(value, str):
            return _key(value)(walk, current, following)
        return _Index(_integer(value))(walk, current, following)

    return step


def _integer(value: Value) -> int:
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, int) and not isinstance(value, bool):
        return int(value)
    raise Fault(f"unexpected expression result. expected [int string] got {type_name(value)}")


def _children(name: str, current: Value) -> list[Value]:
    if isinstance(current, list):
        return current
    if isinstance(current, dict):
        return [current[key] for key in sorted(current, key=encode)]
    raise Fault(f"{name}: invalid token target. expected [array map slice] got {type_name(current)}")


def _wildcard(walk: Walk, current: Value, following: Steps) -> Value:
    return walk.each(_children("wildcard", current), following)


def _recursive(walk: Walk, current: Value, following: Steps) -> Value:
    walk.frame.spend(1)
    if current is None:
        return []
    found: list[Value] = []
    try:
        result = walk.on(current, following)
    except Fault:
        walk.frame.spend(0)
        result = None
    if isinstance(result, list) and following:
        found.extend(result)
    elif result is not None:
        found.append(result)
    for child in _children("recursive", current) if isinstance(current, (list, dict)) else ():
        found.extend(_recursive(walk, child, following))
        walk.frame.spend(len(found) // 10)
    return found


def _length(walk: Walk, current: Value, following: Steps) -> Value:
    if isinstance(current, dict) and "length" in current:
        return walk.on(current["length"], following)
    if not isinstance(current, (dict, list, str)):
        raise Fault(f"length: invalid token target. expected [array map slice string] got {type_name(current)}")
    return walk.on(Int64(len(encode(current) if isinstance(current, str) else current)), following)


def _filter(script: Script) -> Step:
    def wanted(walk: Walk, value: Value) -> bool:
        try:
            answer = script(walk.frame, walk.root, value)
        except Fault:
            walk.frame.spend(0)
            return False
        if isinstance(answer, str) and len(answer) > 1 and answer[0] in "'\"" and answer[-1] == answer[0]:
            answer = answer[1:-1]
        return bool(answer)

    def step(walk: Walk, current: Value, following: Steps) -> Value:
        kept = [value for value in _children("filter", current) if wanted(walk, value)]
        return _spread(walk, kept, following)

    return step


def _spread(walk: Walk, values: list[Value], following: Steps) -> Value:
    """Do what follows to each value; but an index picks one of them."""
    if following and isinstance(following[0], _Index):
        return following[0](walk, values, following[1:])
    return walk.each(values, following)


def _union(arguments: list[Any]) -> Step:
    def step(walk: Walk, current: Value, following: Steps) -> Value:
        wanted = [argument(walk.frame, walk.root, current) if callable(argument) else argument for argument in arguments]
        if all(isinstance(each, str) for each in wanted):
            if not isinstance(current, dict):
                raise Fault(f"union: invalid token target. expected [map] got {type_name(current)}")
            return _spread(walk, [current[key] for key in wanted if key in current], following)
        if any(isinstance(each, str) for each in wanted):
            raise Fault("union: invalid token argument. expected [int] got [string]")
        if not isinstance(current, list):
            raise Fault(f"union: invalid token target. expected [array slice] got {type_name(current)}")
        size = len(current)
        places = [place + size if place < 0 else place for place in map(_integer, wanted)]
        return _spread(walk, [current[place] for place in places if 0 <= place < size], following)

    return step


def _range(arguments: list[Any], piece: str) -> Step:
    if len(arguments) > _MOST_ENDS or any(isinstance(argument, str) for argument in arguments):
        raise Fault(f"invalid JSONPath part {piece!r}")

    def step(walk: Walk, current: Value, following: Steps) -> Value:
        if not isinstance(current, list):
            raise Fault(f"range: invalid token target. expected [array slice] got {type_name(current)}")

        def number(place: int, otherwise: int) -> int:
            argument = arguments[place] if place < len(arguments) else None
            if argument is None:
                return otherwise
            return _integer(argument(walk.frame, walk.root, current)) if callable(argument) else int(argument)

        size = len(current)
        start, end = (_within(number(place, default), size) for place, default in ((0, 0), (1, size)))
        pace = number(2, 1)
        if not pace:
            raise Fault("range: invalid token out of range")
        places = range(start, end, pace) if pace > 0 else range(end - 1, start - 1, pace)
        return _spread(walk, [current[place] for place in places], following)

    return step


def _within(place: int, size: int) -> int:
    return min(max(place + size if place < 0 else place, 0), size)
