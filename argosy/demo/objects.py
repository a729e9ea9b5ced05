"""The objects that the stand-in for the Kubernetes API keeps, by what their paths say, and who watches them."""

import asyncio
import secrets
import string
import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

JSON = dict[str, Any]


class Refusal(Exception):
    """The answer is a Status that says no."""

    def __init__(self, code: int, reason: str, message: str) -> None:
        super().__init__(message)
        head: JSON = {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure"}
        self.status = {**head, "message": message, "reason": reason, "code": code}
        self.code = code


@dataclass(frozen=True, slots=True)
class Place:
    """What a path of the API names: a collection (`name` is empty), an object, or a part of an object."""

    version: str
    namespace: str
    plural: str
    name: str = ""
    part: str = ""

    @classmethod
    def of(cls, path: str) -> "Place":
        """Read a path: `/api/v1/…` or `/apis/<group>/<version>/…`, in a namespace or not."""
        parts = [part for part in path.split("/") if part]
        head = 2 if parts[0] == "api" else 3
        version, rest = "/".join(parts[1:head]), parts[head:]
        namespace = ""
        if len(rest) > 2 and rest[0] == "namespaces":  # noqa: PLR2004 - namespaces/<name>/<plural>
            namespace, rest = rest[1], rest[2:]
        if not rest or len(rest) > 3:  # noqa: PLR2004 - <plural>/<name>/<part>
            raise Refusal(404, "NotFound", f"the stand-in serves no {path}")
        return cls(version, namespace, *rest)

    @property
    def collection(self) -> tuple[str, str, str]:
        """The collection, which is where objects are kept under their names."""
        return self.version, self.namespace, self.plural

    def __str__(self) -> str:
        group = self.version.rpartition("/")[0]
        return f'{self.plural}{"." if group else ""}{group} "{self.name}"'


@dataclass
class Store:
    """All objects, and everybody who watches."""

    objects: dict[tuple[str, str, str], dict[str, JSON]] = field(default_factory=dict)
    watchers: list[tuple[Place, asyncio.Queue[JSON]]] = field(default_factory=list)
    revision: int = 1

    def create(self, place: Place, document: JSON, *, keep: bool = True) -> JSON:
        """Add an object and give it as it stands. Raises `Refusal` if its name is taken or its namespace is missing."""
        metadata = dict(document.get("metadata") or {})
        name = metadata.get("name") or _generated(metadata.get("generateName", ""))
        here = Place(*place.collection, name)
        if not name:
            raise Refusal(422, "Invalid", f"{place.plural}: metadata.name: required, but missing")
        if place.namespace and place.namespace not in self.objects.get(("v1", "", "namespaces"), {}):
            raise Refusal(404, "NotFound", f'namespaces "{place.namespace}" not found')
        if name in self.objects.get(place.collection, {}):
            raise Refusal(409, "AlreadyExists", f"{here} already exists")
        metadata |= {"name": name, "uid": str(uuid.uuid4()), "generation": 1}  # noqa: TID251 - as the real one does
        metadata |= {"creationTimestamp": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")}
        if place.namespace:
            metadata["namespace"] = place.namespace
        stored = {**document, "metadata": metadata}
        if keep:
            self._change("ADDED", here, stored)
        return stored

    def get(self, place: Place) -> JSON:
        """Give one object. Raises `Refusal` if there is none."""
        found = self.objects.get(place.collection, {}).get(place.name)
        if found is None:
            raise Refusal(404, "NotFound", f"{place} not found")
        return found

    def list(self, place: Place, selector: str = "") -> list[JSON]:
        """Give the objects of a collection; one without a namespace is that of all namespaces."""
        return [
            stored
            for (version, namespace, plural), objects in self.objects.items()
            if (version, plural) == (place.version, place.plural) and place.namespace in ("", namespace)
            for stored in objects.values()
            if selected(stored, selector)
        ]

    def delete(self, place: Place) -> JSON:
        """Remove an object and give what it was. Raises `Refusal` if there is none."""
        found = self.get(place)
        self._change("DELETED", place, found)
        return found

    def _change(self, event: str, place: Place, stored: JSON) -> None:
        self.revision += 1
        stored["metadata"]["resourceVersion"] = str(self.revision)
        collection = self.objects.setdefault(place.collection, {})
        if event == "DELETED":
            del collection[place.name]
        else:
            collection[place.name] = stored
        for watched, events in self.watchers:
            if (watched.version, watched.plural) == (place.version, place.plural):
                events.put_nowait({"type": event, "object": stored})


def _generated(prefix: str) -> str:
    alphabet = string.ascii_lowercase + string.digits
    return prefix and prefix + "".join(secrets.choice(alphabet) for _ in range(5))


def selected(stored: JSON, selector: str) -> bool:
    """Say whether an object has the labels of a selector; equality is all that it understands."""
    labels = stored["metadata"].get("labels") or {}
    wanted = (term.replace("==", "=").partition("=") for term in selector.split(",") if term)
    return all(labels.get(key.strip()) == value.strip() for key, _, value in wanted)
