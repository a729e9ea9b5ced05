"""Walk a document along a path: only what stands before the value is looked at, nothing is decoded on the way."""

import re
from collections.abc import Iterator
from dataclasses import replace

from sensor.paths import modifiers, multipath, scan
from sensor.paths.path import ArrayStep, Modifier, Multipath, Opening, Path, Query
from sensor.paths.result import MISSING, Kind, Result, kind_at, parse

_CONTAINER = re.compile(rb"[{\[]")


class _Search:
    """One walk: the document, and what was found so far. `pipe` is where the found value goes next."""

    __slots__ = ("lines", "masked", "pipe", "text", "value")

    def __init__(self, text: bytes, *, lines: bool) -> None:
        self.lines = lines
        self.text = text
        self.masked = scan.mask(text)
        self.value = MISSING
        self.pipe: Path | None = None

    def closes(self, position: int) -> bool:
        """Say whether the array whose last element ends here is closed."""
        return scan.closes(self.masked, position, lines=self.lines)

    def take(self, start: int) -> bool:
        """Take the value that starts here as the answer, unless it never ends."""
        end = scan.value_end(self.masked, start)
        if end < 0:
            return False
        self.value = Result(kind_at(self.masked, start), self.text[start:end], 0, start)
        return True


def get(text: bytes, path: Path) -> Result:
    """Read the value to which the path leads; nothing where it leads deeper than can be followed."""
    try:
        return _get(text, path)
    except RecursionError:
        return MISSING


def _get(text: bytes, path: Path) -> Result:
    if path.opening is not None:
        return _open(text, path.opening)
    search = _Search(text, lines=path.lines is not None)
    if path.lines is not None:
        _array(search, 0, path.lines)
    elif (container := _CONTAINER.search(text)) is not None:
        _walk(search, container.start(), path)
    value = search.value
    if search.pipe is not None:
        piped = _within(value, search.pipe)
        return replace(piped, at=0, origin=None) if piped.exists else piped
    return Result(value.kind, value.raw, value.origin or 0, value.origin, value.places) if value.raw else value


def _within(value: Result, path: Path) -> Result:
    """Read from a value that was found before; the places then count from where that one stands."""
    result = get(value.raw, path)
    if result.places is not None:
        return replace(result, places=tuple(place + value.at for place in result.places))
    return replace(result, at=result.at + value.at) if value.at else result


def _open(text: bytes, opening: Opening) -> Result:
    if isinstance(opening, Multipath):
        members = [(key, get(text, path)) for key, path in opening.members]
        made = Result(Kind.JSON, multipath.assemble(opening.opening, members))
        return made if opening.rest is None else replace(get(made.raw, opening.rest), at=0, origin=None)
    changed = modifiers.apply(opening.name, text, opening.argument, get) if isinstance(opening, Modifier) else opening.text
    result = parse(changed) if opening.rest is None else replace(get(changed, opening.rest), at=0, places=None)
    return result if changed is text else replace(result, origin=None)


def _walk(search: _Search, start: int, path: Path) -> bool:
    """Walk into the object or array at `start`; say whether the search is over."""
    return (_object if search.masked[start] == scan.OPEN_OBJECT else _array)(search, start + 1, path)


def _object(search: _Search, position: int, path: Path) -> bool:
    step = path.object_step
    if step.pipe is not None:
        search.pipe = step.pipe
    text, masked, rest = search.text, search.masked, step.rest
    while (member := scan.MEMBER.match(masked, position)) is not None and member[1] is not None:
        start = member.end()
        if start >= len(masked):
            return False
        if step.accepts(text[member.start(1) : member.end(1)]):
            if rest is None:
                return search.take(start)
            if masked[start] in scan.OPENING and _walk(search, start, rest):
                return True
        position = scan.value_end(masked, start)
        if position < 0:
            return False
    return False


def _array(search: _Search, position: int, path: Path) -> bool:
    step = path.array_step
    if step.pipe is not None:
        search.pipe = step.pipe
    elements = scan.elements(search.masked, position)
    if step.query is not None:
        return _query(search, position, step, step.query)
    if step.each is None and not step.count:
        return step.index >= 0 and _index(search, elements, step)
    places = list(elements)
    if not search.closes(places[-1][1] if places else position):
        return False
    if step.each is not None:
        search.value = _each(search, places, step.each)
        search.pipe = step.late_pipe or search.pipe
    else:
        search.value = Result(Kind.NUMBER, b"%d" % len(places))
    return True


def _index(search: _Search, elements: Iterator[tuple[int, int]], step: ArrayStep) -> bool:
    for number, (start, _) in enumerate(elements):
        if number == step.index:
            if step.rest is None:
                return search.take(start)
            return search.masked[start] in scan.OPENING and _walk(search, start, step.rest)
    return False


def _each(search: _Search, elements: list[tuple[int, int]], path: Path) -> Result:
    """Gather what the path finds in each element into a new array."""
    raws, places = [], []
    for start, end in elements:
        result = get(search.text[start:end], path)
        if result.exists:
            raws.append(result.raw)
            known = search.masked[start] in scan.OPENING and result.places is None
            places.append(result.at + start if known else result.at)
    return Result(Kind.JSON, b"[" + b",".join(raws) + b"]", places=tuple(places))


def _query(search: _Search, position: int, step: ArrayStep, query: Query) -> bool:
    raws, places = [], []
    for start, end in scan.elements(search.masked, position):
        position = end
        element = Result(kind_at(search.masked, start), search.text[start:end], 0, 0)
        if not _fulfils(element, query):
            continue
        result = element
        if step.rest is not None:
            search.pipe = step.late_pipe or search.pipe
            result = get(element.raw, step.rest)
        if not query.every:
            search.value = replace(result, origin=None if result.origin is None else start + result.origin)
            return True
        if result.raw:
            raws.append(result.raw)
            places.append(result.at + start)
    if query.every and not search.value.exists and search.closes(position):
        search.value = Result(Kind.JSON, b"[" + b",".join(raws) + b"]", places=tuple(places) or None)
    return False


def _fulfils(element: Result, query: Query) -> bool:
    if element.kind is Kind.JSON:
        return query.comparison.accepts(get(element.raw, query.path))
    return not query.path.text and query.comparison.accepts(element)
