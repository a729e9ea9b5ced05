"""Kinds of triggers that other packages bring, by the entry-point group `argosy.triggers`.

An entry point's name is the kind: a field of Argo Events' that is not built in (`slack`, `kafka`, …), or any name, which
documents then use as `template.argosy: {<name>: {…}}`. It points to a function that takes a `Given` and gives an object with

    async def fire(self, firing: Firing) -> Fired            do it; raise the errors of `common.errors`
    async def preview(self, firing: Firing) -> Preview       tell what `fire` would send, and send nothing
    async def find(self, firing: Firing) -> Fired | None     optional: was it done before?

(`sensor.ports` has these types). `fire` runs at least once for each firing; `firing.digest` is the same each time.
A package is imported only where a document uses its kind. examples/plugin is one, complete.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.metadata import EntryPoint, entry_points
from typing import Any

from common import documents
from common.errors import ConfigurationError
from sensor.parameters import Prepared
from sensor.ports import Fired, Firing, Preview, Reach, Trigger
from sensor.spec import KeySelector, Parameter, TriggerPolicy
from sensor.triggers import mounted
from sensor.triggers.entries import prepared
from sensor.triggers.mounted import Mounted
from sensor.triggers.surroundings import Surroundings

GROUP = "argosy.triggers"
_BROKEN = (
    ImportError, ArithmeticError, AssertionError, AttributeError, LookupError, NameError, OSError, RuntimeError, SyntaxError,
    TypeError, ValueError,
)  # fmt: skip
"""What importing and calling a foreign package may raise when it is broken."""


@dataclass(frozen=True, slots=True)
class Given:
    """What a plug-in's function is given: its block of the document (`spec`, any JSON), and what is around it.

    `name` is the trigger's, `place` is that of the block in the document, for errors. `around.shared` holds what has to be
    opened once and closed at the end.
    """

    kind: str
    name: str
    spec: Mapping[str, Any]
    place: str
    policy: TriggerPolicy | None
    around: Surroundings

    def parameters(self, field: str) -> Prepared:
        """Make a list of parameters of the block ready: `.apply(document, events)` or `.payload(events)`.

        Raises `ConfigurationError`.
        """
        listed = [] if self.spec.get(field) is None else self.spec[field]
        if not isinstance(listed, list):
            raise ConfigurationError(f"{self.place}.{field}: a list is wanted")
        here = f"{self.place}.{field}"
        entries = [documents.parse(Parameter, each, f"{here}[{number}]").value for number, each in enumerate(listed)]
        return prepared(entries, here)

    def secret(self, field: str) -> Mounted | None:
        """Find the mounted secret that a field of the block names: `.text()` reads it, at each use.

        Raises `ConfigurationError`.
        """
        if self.spec.get(field) is None:
            return None
        here = f"{self.place}.{field}"
        return mounted.secret(documents.parse(KeySelector, self.spec[field], here).value, self.around.folders, here)


def names() -> frozenset[str]:
    """Name the kinds that installed packages bring; nothing is imported."""
    return frozenset(point.name for point in entry_points(group=GROUP))


def construct(given: Given) -> Trigger:
    """Make a trigger of a kind that is not built in. Raises `ConfigurationError`, naming the package that fails."""
    place = given.place
    point = _point(given.kind, place)
    package = f"{point.dist.name} {point.dist.version}" if point.dist else point.value
    if not isinstance(given.spec, Mapping):
        raise ConfigurationError(f"{place}: an object is wanted")
    try:
        make: Callable[[Given], Any] = point.load()
        made = make(given)
    except _BROKEN as error:
        what = f"the plug-in {package} ({point.value}) fails: {type(error).__name__}: {error}"
        raise ConfigurationError(f"{place}: {what}") from error
    if not (callable(getattr(made, "fire", None)) and callable(getattr(made, "preview", None))):
        raise ConfigurationError(f"{place}: the plug-in {package} ({point.value}) gives no trigger: fire or preview is missing")
    return Plugged(made)


def _point(kind: str, place: str) -> EntryPoint:
    found = sorted(entry_points(group=GROUP, name=kind), key=lambda point: point.value)
    if not found:
        what = f"no installed package brings this kind of trigger (entry-point group {GROUP})"
        raise ConfigurationError(f"{place}: this version of Argosy does not support it, and {what}")
    packages = {point.dist.name if point.dist else point.value for point in found}
    if len({point.value for point in found}) > 1:
        raise ConfigurationError(f"{place}: several packages bring this kind of trigger: {', '.join(sorted(packages))}")
    return found[0]


class Plugged:
    """A plug-in's trigger behind our own interface, which may grow without breaking it."""

    reach: Reach | None = None

    def __init__(self, made: Any) -> None:  # noqa: ANN401 - what a foreign package gives
        self._made = made
        self.needs_cluster = bool(getattr(made, "needs_cluster", False))

    async def fire(self, firing: Firing) -> Fired:
        """Let it fire."""
        fired: Fired = await self._made.fire(firing)
        return fired

    async def find(self, firing: Firing) -> Fired | None:
        """Ask it, if it can tell."""
        look = getattr(self._made, "find", None)
        found: Fired | None = None if look is None else await look(firing)
        return found

    async def preview(self, firing: Firing) -> Preview:
        """Ask it."""
        preview: Preview = await self._made.preview(firing)
        return preview
