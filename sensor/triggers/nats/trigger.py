"""The trigger: a message of the document and the events (see the package)."""

from dataclasses import dataclass
from functools import partial
from urllib.parse import urlsplit

from common.errors import ConfigurationError, Failed, Refused, Unavailable
from common.subjects import is_token
from sensor.parameters import Prepared
from sensor.ports import Fired, Firing, Preview
from sensor.spec import NatsTrigger as Spec
from sensor.spec import TriggerPolicy, TriggerTemplate
from sensor.spec.kinds import NatsAuth
from sensor.triggers import mounted, tls
from sensor.triggers.entries import prepared, words
from sensor.triggers.nats.connection import Connection, Denied, Login, Server, open_connection
from sensor.triggers.shared import Shared
from sensor.triggers.sources import Folders
from sensor.triggers.surroundings import Surroundings
from sensor.triggers.typed import Typed

MESSAGE_ID = "Nats-Msg-Id"
_SCHEMES = frozenset({"nats", "tls", "ws", "wss"})


@dataclass(frozen=True, slots=True)
class Ready:
    """All that is known of a trigger's messages before an event comes."""

    server: Server
    subject: str
    payload: Prepared


def construct(template: TriggerTemplate, _: TriggerPolicy | None, around: Surroundings, place: str) -> "NatsTrigger":
    """Make the trigger of its template. Raises `ConfigurationError`."""
    if template.nats is None:
        raise ConfigurationError(f"{place}.nats: required, but missing")
    here = f"{place}.nats"
    ready = partial(make_ready, folders=around.folders, place=here)
    return NatsTrigger(Typed(template.nats, template.nats.parameters, here, ready), around.shared)


class NatsTrigger:
    """Publishes one message a firing; see `sensor.ports.Trigger`."""

    needs_cluster = False
    reach = None

    def __init__(self, typed: Typed[Spec, Ready], shared: Shared) -> None:
        self._typed = typed
        self._shared = shared

    @property
    def needs(self) -> object:
        """The server that its messages need, as far as the document itself tells."""
        return None if self._typed.own is None else self._typed.own.server

    async def fire(self, firing: Firing) -> Fired:
        """Publish the message."""
        ready, notes = self._typed.of(firing.events)
        payload = ready.payload.payload(firing.events)
        try:
            connection = await self._connection(ready.server)
            await connection.publish(ready.subject, payload.body or b"", {MESSAGE_ID: firing.digest})
        except (Unavailable, Refused) as error:
            if ready.server == self.needs and not (isinstance(error, Denied) and self._is_events(ready.subject)):
                raise
            # Only this event leads there.
            raise Failed(str(error)) from error
        return Fired("fired", f"{ready.subject} at {ready.server.title}", (*notes, *words(payload.notes)))

    async def find(self, _: Firing) -> Fired | None:
        """Know nothing: who got a message cannot be asked."""
        return None

    async def preview(self, firing: Firing) -> Preview:
        """Give the message that would be published."""
        ready, notes = self._typed.of(firing.events)
        payload = ready.payload.payload(firing.events)
        message = {
            "url": ready.server.title,
            "subject": ready.subject,
            "headers": {MESSAGE_ID: firing.digest},
            "payload": (payload.body or b"").decode("utf-8", "replace"),
        }
        return Preview(f"publish to {ready.subject}", message, (*notes, *words(payload.notes)))

    async def _connection(self, server: Server) -> Connection:
        key = ("nats", server)
        connection = await self._shared.get(key, partial(open_connection, server))
        if connection.alive:
            return connection
        await self._shared.drop(key, connection)
        return await self._shared.get(key, partial(open_connection, server))

    def _is_events(self, subject: str) -> bool:
        """Say whether only an event names this subject, and not the document itself."""
        return self._typed.own is None or subject != self._typed.own.subject


# ------------------------------------------------------------------------------------------------------ before an event


def make_ready(spec: Spec, *, folders: Folders, place: str) -> Ready:
    """Work out all that needs no event. Raises `ConfigurationError`, naming the place."""
    addresses = [part.strip() for part in spec.url.split(",") if part.strip()]
    if not addresses:
        raise ConfigurationError(f"{place}.url: required, but missing")
    addresses = [address if "://" in address else f"nats://{address}" for address in addresses]
    titles = [_title(address, f"{place}.url") for address in addresses]
    if not spec.subject:
        raise ConfigurationError(f"{place}.subject: required, but missing")
    if not all(is_token(token) for token in spec.subject.split(".")):
        raise ConfigurationError(f"{place}.subject: {spec.subject!r} is no subject: no blank, no wildcard, no empty part")
    trust = tls.tls(spec.tls, folders, f"{place}.tls")
    login = _login(spec.auth, folders, f"{place}.auth")
    server = Server(tuple(addresses), ",".join(titles), login, trust)
    return Ready(server, spec.subject, prepared(spec.payload or (), f"{place}.payload"))


def _title(address: str, place: str) -> str:
    """Give an address without its login. Raises `ConfigurationError`, which does not show it either."""
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError:
        raise ConfigurationError(f"{place}: no address of a NATS server") from None
    if parts.scheme not in _SCHEMES or not parts.hostname:
        raise ConfigurationError(f"{place}: no address of a NATS server: nats://host:port is wanted")
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    return f"{parts.scheme}://{host}" + (f":{port}" if port else "")


def _login(auth: NatsAuth | None, folders: Folders, place: str) -> Login:
    """Take the first way that is given, in Argo Events' order."""
    if auth is None:
        return Login()
    if auth.basic is not None:
        user, password = auth.basic.username, auth.basic.password
        if user is None or password is None:
            raise ConfigurationError(f"{place}.basic: username and password belong together")
        return Login(
            user=mounted.secret(user, folders, f"{place}.basic.username"),
            password=mounted.secret(password, folders, f"{place}.basic.password"),
        )
    if auth.token is not None:
        return Login(token=mounted.secret(auth.token, folders, f"{place}.token"))
    if auth.nkey is not None:
        return Login(nkey=mounted.secret(auth.nkey, folders, f"{place}.nkey"))
    if auth.credential is not None:
        return Login(credential=mounted.secret(auth.credential, folders, f"{place}.credential"))
    return Login()
