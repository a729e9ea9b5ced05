"""The trigger: a request of the document and the events, and what its answer means (see the package)."""

import email.utils
from collections.abc import Mapping
from functools import partial

from common.errors import ConfigurationError, Failed, Refused, ServiceError, Unavailable
from sensor.ports import Fired, Firing, Preview
from sensor.settle import POLICY
from sensor.spec import HttpTrigger as Spec
from sensor.spec import TriggerPolicy, TriggerTemplate
from sensor.spec.kinds import SecureHeader
from sensor.triggers import mounted, tls
from sensor.triggers.entries import prepared, words
from sensor.triggers.http import url
from sensor.triggers.http.request import Basic, Ready, Request, is_token, is_value
from sensor.triggers.http.session import Answer, open_session
from sensor.triggers.mounted import Mounted
from sensor.triggers.shared import Shared
from sensor.triggers.sources import Folders
from sensor.triggers.surroundings import Surroundings
from sensor.triggers.typed import Typed

DEFAULT_TIMEOUT = 60.0
"""Seconds for a request, its redirects included."""
_TOO_MANY, _AWAY = 429, 503


def construct(template: TriggerTemplate, policy: TriggerPolicy | None, around: Surroundings, place: str) -> "HttpTrigger":
    """Make the trigger of its template. Raises `ConfigurationError`."""
    if template.http is None:
        raise ConfigurationError(f"{place}.http: required, but missing")
    here = f"{place}.http"
    # The default stands before parameters look at it, as in Argo Events.
    spec = template.http.model_copy(update={"method": template.http.method or "POST"})
    allow = policy.status.allow if policy is not None and policy.status is not None else None
    ready = partial(make_ready, folders=around.folders, place=here)
    return HttpTrigger(Typed(spec, spec.parameters, here, ready), allow, around.shared)


class HttpTrigger:
    """Sends one request a firing; see `sensor.ports.Trigger`."""

    needs_cluster = False
    reach = None

    def __init__(self, typed: Typed[Spec, Ready], allow: tuple[int, ...] | None, shared: Shared) -> None:
        self._typed = typed
        self._allow = None if allow is None else frozenset(allow)
        self._shared = shared

    @property
    def needs(self) -> object:
        """What must be there for its requests to succeed, as far as the document itself tells."""
        return None if self._typed.own is None else self._typed.own.needs

    async def fire(self, firing: Firing) -> Fired:
        """Send the request, and look at the answer's status."""
        ready, notes = self._typed.of(firing.events)
        try:
            request, more = ready.request(firing.events, firing.digest, masked=False)
            session = await self._shared.get(("http",), open_session)
            answer = await session.send(request, ready.tls, ready.timeout)
            self._judge(request, answer, firing.now)
        except (Unavailable, Refused) as error:
            if ready.needs == self.needs:
                raise
            # Only this event leads there.
            raise Failed(str(error)) from error
        return Fired("fired", f"{request.method} {request.url.place}: {answer.status}", (*notes, *words(more)))

    async def find(self, _: Firing) -> Fired | None:
        """Know nothing: what a server did with a request cannot be asked."""
        return None

    async def preview(self, firing: Firing) -> Preview:
        """Give the request that would be sent first, without its secrets."""
        ready, notes = self._typed.of(firing.events)
        request, more = ready.request(firing.events, firing.digest, masked=True)
        body = None if request.body is None else request.body.decode("utf-8", "replace")
        shown = {"method": request.method, "url": str(request.url), "host": request.host, "headers": dict(request.headers)}
        return Preview(f"{request.method} {request.url.place}", {**shown, "body": body}, (*notes, *words(more)))

    def _judge(self, request: Request, answer: Answer, now: float) -> None:
        if self._allow is None or answer.status in self._allow:
            return
        raise _meaning(f"{request.method} {request.url.place}: status {answer.status} is not allowed", answer, now)


def _meaning(what: str, answer: Answer, now: float) -> ServiceError:
    after = retry_after(answer.retry_after, now)
    if answer.status == _TOO_MANY or (answer.status == _AWAY and after is not None):
        return Unavailable(what, after=after)
    return Failed(what, exhausted=POLICY)


def retry_after(text: str, now: float) -> float | None:
    """Read Retry-After, a number of seconds or a date; gives seconds from `now` (since 1970), None for anything else."""
    if text.strip().isdecimal():
        return float(text)
    try:
        return max(0.0, email.utils.parsedate_to_datetime(text).timestamp() - now)
    except (ValueError, OverflowError):
        return None


# ------------------------------------------------------------------------------------------------------ before an event


def make_ready(spec: Spec, *, folders: Folders, place: str) -> Ready:
    """Work out all that needs no event. Raises `ConfigurationError`, naming the place."""
    method = spec.method or "GET"
    if not is_token(method):
        raise ConfigurationError(f"{place}.method: {method!r} is no method")
    address, host = _addressed(spec, place)
    _check_headers(spec, place)
    return Ready(
        method=method,
        url=address,
        host=host,
        headers=spec.headers,
        dynamic=prepared(spec.dynamic_headers, f"{place}.dynamicHeaders"),
        secure=tuple(
            (entry.name, _source(entry, folders, f"{place}.secureHeaders[{number}]"))
            for number, entry in enumerate(spec.secure_headers)
        ),
        basic=_basic(spec, folders, f"{place}.basicAuth"),
        payload=prepared(spec.payload or (), f"{place}.payload"),
        tls=tls.tls(spec.tls, folders, f"{place}.tls"),
        timeout=float(spec.timeout) if spec.timeout > 0 else DEFAULT_TIMEOUT,
    )


def _addressed(spec: Spec, place: str) -> tuple[url.Url, str]:
    """Give where requests go, and what their Host header says."""
    try:
        address = url.read(spec.url)
    except ValueError as error:
        raise ConfigurationError(f"{place}.url: {error}") from error
    try:
        return address, url.read_host(spec.host) if spec.host else address.host
    except ValueError as error:
        raise ConfigurationError(f"{place}.host: {error}") from error


def _check_headers(spec: Spec, place: str) -> None:
    names: Mapping[str, str] = {
        **{f"headers.{name}": name for name in spec.headers},
        **{f"dynamicHeaders[{number}].dest": entry.dest for number, entry in enumerate(spec.dynamic_headers)},
        **{f"secureHeaders[{number}].name": entry.name for number, entry in enumerate(spec.secure_headers)},
    }
    for where, name in names.items():
        if not is_token(name):
            raise ConfigurationError(f"{place}.{where}: {name!r} cannot name a header")
    for name, value in spec.headers.items():
        if not is_value(value):
            raise ConfigurationError(f"{place}.headers.{name}: a control character is in the value")


def _source(entry: SecureHeader, folders: Folders, place: str) -> Mounted:
    source = entry.value_from
    if source is not None and source.secret_key_ref is not None:
        return mounted.secret(source.secret_key_ref, folders, f"{place}.valueFrom.secretKeyRef")
    if source is not None and source.config_map_key_ref is not None:
        return mounted.configmap(source.config_map_key_ref, folders, f"{place}.valueFrom.configMapKeyRef")
    raise ConfigurationError(f"{place}.valueFrom: neither secretKeyRef nor configMapKeyRef is given")


def _basic(spec: Spec, folders: Folders, place: str) -> Basic | None:
    auth = spec.basic_auth
    if auth is None:
        return None
    return Basic(
        None if auth.username is None else mounted.secret(auth.username, folders, f"{place}.username"),
        None if auth.password is None else mounted.secret(auth.password, folders, f"{place}.password"),
    )
