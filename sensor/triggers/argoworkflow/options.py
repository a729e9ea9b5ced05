"""What the flags of `argo submit` change about a Workflow.

Source: cmd/argo/commands/submit.go and workflow/util/util.go (ApplySubmitOpts) of github.com/argoproj/argo-workflows: given
parameters come first, in their order, then the Workflow's own that were not given.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import orjson

from common import jsontext
from common.errors import ConfigurationError, Refused, Rejected
from sensor.parameters.yamltext import YamlError, yaml_to_json
from sensor.paths import PathError, compile_path, compile_target, get
from sensor.triggers.argoworkflow import flags
from sensor.triggers.argoworkflow.flags import Flag
from sensor.triggers.k8s import marks
from sensor.triggers.k8s.object import Drawn

SUBMIT = (
    Flag("name"),
    Flag("generate-name"),
    Flag("entrypoint"),
    Flag("parameter", "p"),
    Flag("parameter-file", "f"),
    Flag("serviceaccount"),
    Flag("labels", "l"),
    Flag("priority"),
    Flag("instanceid"),
)
SUBMIT_FROM = (*SUBMIT, Flag("scheduled-time"))
INSTANCE = "workflows.argoproj.io/controller-instanceid"
SCHEDULED = "workflows.argoproj.io/scheduled-time"
PARAMETERS = "spec.arguments.parameters"
_PRIORITY = re.compile(r"[-+]?\d{1,10}")
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[-+]\d\d:\d\d)")


@dataclass(frozen=True, slots=True)
class Options:
    """The flags, read: what goes into the metadata, into the spec, and the parameters by name."""

    names: Mapping[str, str] = field(default_factory=dict)
    labels: Mapping[str, str] = field(default_factory=dict)
    annotations: Mapping[str, str] = field(default_factory=dict)
    spec: Mapping[str, bytes] = field(default_factory=dict)
    parameters: tuple[tuple[str, str], ...] = ()
    file: Path | None = None

    def apply(self, drawn: Drawn) -> Drawn:
        """Change a Workflow. Raises `Rejected` where there is no place for it, `Refused` where a file cannot be read."""
        metadata = {**drawn.metadata, **self.names}
        for name, own in (("labels", self.labels), ("annotations", self.annotations)):
            if own:
                metadata[name] = {**marks.texts(metadata, name), **own}
        rest = drawn.rest
        for path, raw in self.spec.items():
            rest = _put(rest, path, raw)
        return replace(drawn, metadata=metadata, rest=self._with_parameters(rest))

    def _with_parameters(self, rest: bytes) -> bytes:
        given = [*self.parameters, *(_read(self.file) if self.file is not None else ())]
        if not given:
            return rest
        own = get(rest, compile_path(PARAMETERS))
        written = [jsontext.compact(orjson.dumps({"name": name, "value": value})) for name, value in given]
        names = {name for name, _ in given}
        written += [raw for raw in _elements(own.raw if own.is_array else b"[]") if _name(raw) not in names]
        return _put(rest, PARAMETERS, b"[" + b",".join(written) + b"]")


def read(args: tuple[str, ...], known: tuple[Flag, ...], place: str) -> Options:
    """Read the flags of `args`. Raises `ConfigurationError`, naming the flag."""
    given = flags.parse(args, known, place)
    names = {"name": flags.last(given, "name"), "generateName": flags.last(given, "generate-name")}
    labels = flags.pairs(flags.last(given, "labels"), f"{place}: --labels") if flags.last(given, "labels") else {}
    if flags.last(given, "instanceid"):
        labels[INSTANCE] = flags.last(given, "instanceid")
    file = flags.last(given, "parameter-file")
    if "://" in file:
        raise ConfigurationError(f"{place}: --parameter-file {file}: only a file of the pod is read, no address")
    return Options(
        names={key: value for key, value in names.items() if value},
        labels=labels,
        annotations=_scheduled(flags.last(given, "scheduled-time"), place),
        spec=_spec(given, place),
        parameters=tuple(pair(text, place) for text in given.get("parameter", ())),
        file=Path(file) if file else None,
    )


def pair(text: str, place: str) -> tuple[str, str]:
    """Read `name=value`. Raises `ConfigurationError`."""
    name, sign, value = text.partition("=")
    if not sign:
        raise ConfigurationError(f"{place}: --parameter {text}: a pair such as name=value is wanted")
    return name, value


def _spec(given: flags.Given, place: str) -> dict[str, bytes]:
    spec = {}
    for flag, path in (("entrypoint", "spec.entrypoint"), ("serviceaccount", "spec.serviceAccountName")):
        if flags.last(given, flag):
            spec[path] = jsontext.quote(flags.last(given, flag))
    priority = flags.last(given, "priority")
    if "priority" in given and not (_PRIORITY.fullmatch(priority) and -(2**31) <= int(priority) < 2**31):
        raise ConfigurationError(f"{place}: --priority {priority}: a whole number of 32 bits is wanted")
    if priority:
        spec["spec.priority"] = str(int(priority)).encode()
    return spec


def _scheduled(text: str, place: str) -> dict[str, str]:
    if text and not _TIME.fullmatch(text):
        raise ConfigurationError(f"{place}: --scheduled-time {text}: a time such as 2006-01-02T15:04:05-07:00 is wanted")
    return {SCHEDULED: text} if text else {}


def _read(file: Path) -> list[tuple[str, str]]:
    """Read a file of parameters: an object in YAML or JSON, whose values are texts or JSON."""
    try:
        text = yaml_to_json(file.read_bytes())
    except (OSError, YamlError) as error:
        raise Refused(f"--parameter-file: {file} cannot be read: {error}") from error
    if not text.lstrip().startswith(b"{"):
        raise Refused(f"--parameter-file: {file}: an object is wanted")
    return [(name, _text(raw.strip())) for name, raw in jsontext.members(text)]


def _text(raw: bytes) -> str:
    return str(orjson.loads(raw)) if raw.startswith(b'"') else raw.decode()


def _elements(array: bytes) -> list[bytes]:
    count = int(get(array, compile_path("#")).text)
    return [get(array, compile_path(str(number))).raw for number in range(count)]


def _name(parameter: bytes) -> str:
    return get(parameter, compile_path("name")).text


def _put(rest: bytes, path: str, raw: bytes) -> bytes:
    try:
        return compile_target(path).put_raw(rest, raw)
    except PathError as error:
        raise Rejected("rejected", f"{path} cannot be set: {error}") from error
