"""Documents in, typed values out: every fault with its place, every unknown field named.

The models live with the services (`eventsource.spec`, `sensor.spec`); here is how any of them is read. As in Argo Events,
keys match in any case and null means absent. A field that Argo Events does not know is warned about; one that it knows
and this version does not support is declared as `Unsupported` in the model and refused by name.
"""

import base64
import binascii
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import UnionType
from typing import Annotated, Any, Generic, TypeVar, Union, get_args, get_origin

import orjson
from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationError
from pydantic.alias_generators import to_camel

from common import yamltext
from common.errors import ConfigurationError

ModelT = TypeVar("ModelT", bound="Model")


class Model(BaseModel):
    """The root of every part of a document: frozen, camelCase on the outside, no silent conversions."""

    model_config = ConfigDict(frozen=True, strict=True, extra="ignore", alias_generator=to_camel, populate_by_name=True)


def _refuse(value: object) -> None:
    if value not in (None, "", [], {}, False, 0):
        raise ValueError("this version of Argosy does not support it")


Unsupported = Annotated[Any, BeforeValidator(_refuse)]
"""A field that Argo Events knows and this version refuses: `name: Unsupported = None`."""


@dataclass(frozen=True, slots=True)
class Parsed(Generic[ModelT]):
    """A document that was accepted, and what its author should know all the same."""

    value: ModelT
    warnings: tuple[str, ...]


def parse(model: type[ModelT], document: object, place: str = "") -> Parsed[ModelT]:
    """Read one document into its model. Raises `ConfigurationError` with one line for each fault: `path: what is wrong`."""
    if not isinstance(document, Mapping):
        raise ConfigurationError(f"{place or 'document'}: an object is wanted, not {type(document).__name__}")
    warnings: list[str] = []
    tidy = _tidy(model, document, place, warnings)
    try:
        return Parsed(model.model_validate(tidy), tuple(warnings))
    except ValidationError as error:
        raise ConfigurationError(*_faults(error, place)) from error


def from_base64(text: str, place: str) -> Any:  # noqa: ANN401 - any JSON
    """Decode the object that Argo Events' controller puts into a variable: base64 of JSON."""
    try:
        return orjson.loads(base64.b64decode(text, validate=True))
    except (binascii.Error, ValueError) as error:
        raise ConfigurationError(f"{place}: not base64 of a JSON object: {error}") from error


def from_file(path: Path, place: str) -> list[Any]:
    """Read the YAML documents of a file."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"{place}: {path} cannot be read: {error}") from error
    return yamltext.load_all(text, str(path))


def only(documents: Iterable[Any], kind: str, place: str) -> Any:  # noqa: ANN401 - any JSON
    """Pick the one document of a kind out of a file; one without any kind counts, as controllers leave it out."""
    found = [d for d in documents if isinstance(d, Mapping) and d.get("kind", kind) == kind]
    if len(found) != 1:
        raise ConfigurationError(f"{place}: exactly one {kind} is wanted, {len(found)} found")
    return found[0]


def path(parts: Iterable[str | int], place: str = "") -> str:
    """Write a place in a document as its author would: `spec.triggers[0].template`."""
    text = place
    for part in parts:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else str(part)
    return text


def _faults(error: ValidationError, place: str) -> list[str]:
    faults = []
    for fault in error.errors(include_url=False):
        parts = [part for part in fault["loc"] if not (isinstance(part, str) and part.startswith(("function-", "json-")))]
        if fault["type"] == "missing":
            faults.append(f"{path(parts, place)}: required, but missing")
        else:
            what = fault["msg"].removeprefix("Value error, ").replace("a valid tuple", "a valid list")
            faults.append(f"{path(parts, place) or 'document'}: {what}")
    return faults


def _tidy(model: type[BaseModel], document: Mapping[str, Any], place: str, warnings: list[str]) -> dict[str, Any]:
    fields = {field.alias or name: field for name, field in model.model_fields.items()}
    folded = {alias.lower(): alias for alias in fields}
    tidy: dict[str, Any] = {}
    for key, value in document.items():
        alias = key if key in fields else folded.get(str(key).lower())
        here = path([str(key)], place)
        if alias is None:
            warnings.append(f"{here}: unknown field, ignored")
        elif value is not None:
            tidy[alias] = _tidy_value(fields[alias].annotation, value, here, warnings)
    return tidy


def _tidy_value(annotation: Any, value: Any, place: str, warnings: list[str]) -> Any:  # noqa: ANN401 - any type, any JSON
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Annotated or origin is Union or origin is UnionType:
        nested = next((a for a in arguments if _holds_model(a) or get_origin(a) is tuple), None)
        return value if nested is None else _tidy_value(nested, value, place, warnings)
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return _tidy(annotation, value, place, warnings) if isinstance(value, Mapping) else value
    if origin in (list, tuple) and isinstance(value, list) and arguments:
        tidied = [_tidy_value(arguments[0], item, path([i], place), warnings) for i, item in enumerate(value)]
        return tuple(tidied) if origin is tuple else tidied
    if origin in (dict, Mapping) and isinstance(value, Mapping) and arguments:
        return {key: _tidy_value(arguments[1], item, path([str(key)], place), warnings) for key, item in value.items()}
    return value


def _holds_model(annotation: Any) -> bool:  # noqa: ANN401 - any type
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return True
    return any(_holds_model(argument) for argument in get_args(annotation))
