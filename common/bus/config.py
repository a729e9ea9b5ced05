"""Where the bus is and how to log in, from either form of configuration: Argo Events' `EVENTBUS_CONFIG`, or `NATS_…`."""

import re
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import nkeys
from nats.aio.client import RawCredentials

from common import documents, yamltext
from common.errors import ConfigurationError, Refused
from common.settings import BusSettings

_SCHEMES = ("nats://", "tls://", "ws://", "wss://")
_CREDENTIALS = re.compile(r"BEGIN NATS USER JWT-*\s+(?P<jwt>\S+)\s.*BEGIN USER NKEY SEED-*\s+(?P<seed>\S+)\s", re.DOTALL)
"""The two parts of a credentials file (https://docs.nats.io/using-nats/developer/connecting/creds)."""
_LAW = "Argosy's streams keep events until every trigger has them (limits retention, discard new, no age)"


@dataclass(frozen=True, slots=True)
class Tls:
    """How to meet a server that wants TLS. Without `ca` the system's authorities decide.

    With `verify` a server that offers no TLS is not spoken to; without it, it is met in plain text. `first`: the handshake
    comes before the server's greeting, as its `handshake_first` wants it.
    """

    ca: Path | None = None
    cert: Path | None = None
    key: Path | None = None
    verify: bool = True
    first: bool = False

    def context(self) -> ssl.SSLContext:
        """Read the files. Raises `Refused` naming the file that is wrong: it may be mounted later."""
        try:
            context = ssl.create_default_context(cafile=str(self.ca) if self.ca else None)
            if self.cert and self.key:
                context.load_cert_chain(str(self.cert), str(self.key))
        except OSError as error:
            raise Refused(f"TLS files of the bus cannot be read: {error}") from error
        if not self.verify:
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
        return context


@dataclass(frozen=True, slots=True)
class Login:
    """How we say who we are. Files are read at each connect, so that rotated secrets are taken up."""

    user: str = ""
    password: str = field(default="", repr=False)
    password_file: Path | None = None
    token: str = field(default="", repr=False)
    token_file: Path | None = None
    auth_file: Path | None = None
    nkey_file: Path | None = None
    creds_file: Path | None = None

    @property
    def title(self) -> str:
        """Tell in a few words, without the secret, how we log in."""
        files = {
            "accessSecret": self.auth_file,
            "credentials": self.creds_file,
            "nkey": self.nkey_file,
            "token": self.token_file,
        }
        ways = [f"{name} {path}" for name, path in files.items() if path is not None]
        if self.user:
            ways.append(f"user {self.user}")
        if self.token:
            ways.append("a token")
        return " and ".join(ways) or "no login"

    def options(self) -> dict[str, Any]:
        """Give what the client's connect takes. Raises `Refused` if a file cannot be read or is not what it should be."""
        if self.auth_file is not None:
            return _auth_file_options(self.auth_file)
        options: dict[str, Any] = {}
        if self.creds_file is not None:
            options["user_credentials"] = _credentials(self.creds_file)
        if self.nkey_file is not None:
            options["nkeys_seed_str"] = _seed(_read(self.nkey_file), self.nkey_file)
        if self.token_file is not None:
            options["token"] = _read(self.token_file).strip()
        if self.token:
            options["token"] = self.token
        if self.user:
            options["user"] = self.user
            options["password"] = self.password if self.password_file is None else _read(self.password_file).strip()
        return options


@dataclass(frozen=True, slots=True)
class BusConfig:
    """Everything about the bus that is settled before it is met."""

    servers: tuple[str, ...]
    login: Login = Login()
    tls: Tls | None = None
    owner: str = "argosy"
    replicas: int = 1
    max_bytes: int = 0
    max_msgs_per_subject: int = 1_000_000
    warnings: tuple[str, ...] = ()


def bus_config(settings: BusSettings) -> BusConfig:
    """Settle where the bus is. Raises `ConfigurationError` naming the variable and the place in it."""
    if settings.config:
        return _drop_in(settings)
    if not settings.url:
        raise ConfigurationError("NATS_URL: required, but missing (or EVENTBUS_CONFIG, as Argo Events' controller sets it)")
    servers = _servers(settings.url, "NATS_URL")
    if (settings.tls_cert_file is None) != (settings.tls_key_file is None):
        raise ConfigurationError("NATS_TLS_CERT_FILE: it and NATS_TLS_KEY_FILE belong together")
    tls = None
    secure = any(server.startswith(("tls://", "wss://")) for server in servers)
    if settings.tls_ca_file or settings.tls_cert_file or settings.tls_handshake_first or secure:
        tls = Tls(
            ca=settings.tls_ca_file,
            cert=settings.tls_cert_file,
            key=settings.tls_key_file,
            first=settings.tls_handshake_first,
        )
    return BusConfig(
        servers=servers,
        login=Login(
            user=settings.user,
            password=settings.password.get_secret_value(),
            password_file=settings.password_file,
            token=settings.token.get_secret_value(),
            token_file=settings.token_file,
            nkey_file=settings.nkey_file,
            creds_file=settings.creds_file,
        ),
        tls=tls,
        owner=settings.owner,
        replicas=settings.replicas,
        max_bytes=settings.max_bytes,
        max_msgs_per_subject=settings.max_msgs_per_subject,
    )


def _drop_in(settings: BusSettings) -> BusConfig:
    document = documents.from_base64(settings.config, "EVENTBUS_CONFIG")
    if not isinstance(document, Mapping):
        raise ConfigurationError("EVENTBUS_CONFIG: an object is wanted")
    others = [key for key in ("nats", "kafka") if document.get(key)]
    if others:
        raise ConfigurationError(f"EVENTBUS_CONFIG: {others[0]}: this version of Argosy speaks jetstream only")
    jetstream = document.get("jetstream")
    if not isinstance(jetstream, Mapping):
        raise ConfigurationError("EVENTBUS_CONFIG: jetstream: required, but missing")
    stream, warnings = _stream_config(str(jetstream.get("streamConfig") or ""))
    tls, tls_warnings = _drop_in_tls(jetstream.get("tls"), settings.secrets_dir)
    return BusConfig(
        servers=_servers(str(jetstream.get("url") or ""), "EVENTBUS_CONFIG: jetstream.url"),
        login=Login(auth_file=settings.auth_file if jetstream.get("accessSecret") else None),
        tls=tls,
        owner=settings.owner,
        replicas=int(stream.get("replicas") or settings.replicas),
        max_bytes=settings.max_bytes or max(0, int(stream.get("maxbytes") or 0)),
        max_msgs_per_subject=settings.max_msgs_per_subject,
        warnings=(*warnings, *tls_warnings),
    )


def _servers(text: str, place: str) -> tuple[str, ...]:
    servers = tuple(part.strip() for part in text.split(",") if part.strip())
    if not servers:
        raise ConfigurationError(f"{place}: required, but missing")
    servers = tuple(server if "://" in server else f"nats://{server}" for server in servers)
    for server in servers:
        if not server.startswith(_SCHEMES):
            raise ConfigurationError(f"{place}: {server.partition('://')[0]}:// is none of {', '.join(_SCHEMES)}")
        if "@" in server:
            raise ConfigurationError(
                f"{place}: credentials do not belong into an address; use NATS_USER and NATS_PASSWORD_FILE"
            )
    return servers


def _stream_config(text: str) -> tuple[dict[str, Any], list[str]]:
    if not text.strip():
        return {}, []
    loaded = yamltext.load_all(text, "EVENTBUS_CONFIG: jetstream.streamConfig")
    if len(loaded) != 1 or not isinstance(loaded[0], Mapping):
        raise ConfigurationError("EVENTBUS_CONFIG: jetstream.streamConfig: an object is wanted")
    config = {str(key).lower(): value for key, value in loaded[0].items()}
    for key in ("replicas", "maxbytes"):
        if not isinstance(config.get(key, 0), int):
            raise ConfigurationError(f"EVENTBUS_CONFIG: jetstream.streamConfig.{key}: a whole number is wanted")
    ignored = sorted(set(config) - {"replicas", "maxbytes"})
    return config, [f"EVENTBUS_CONFIG: jetstream.streamConfig: {', '.join(ignored)} not used: {_LAW}"] if ignored else []


def _drop_in_tls(tls: object, secrets: Path) -> tuple[Tls, list[str]]:
    if not isinstance(tls, Mapping):
        # As in Argo Events, which never checks the server here; a server without TLS is met in plain text.
        return Tls(verify=False), []
    if tls.get("insecureSkipVerify"):
        return Tls(verify=False), ["EVENTBUS_CONFIG: jetstream.tls.insecureSkipVerify: the bus is not verified"]
    files = {name: _secret(tls.get(f"{name}Secret"), secrets) for name in ("caCert", "clientCert", "clientKey")}
    if not tls.get("enabled") and not any(files.values()):
        raise ConfigurationError("EVENTBUS_CONFIG: jetstream.tls: neither enabled nor any certificate given")
    if (files["clientCert"] is None) != (files["clientKey"] is None):
        raise ConfigurationError("EVENTBUS_CONFIG: jetstream.tls: clientCertSecret and clientKeySecret belong together")
    return Tls(ca=files["caCert"], cert=files["clientCert"], key=files["clientKey"]), []


def _secret(selector: object, secrets: Path) -> Path | None:
    if not isinstance(selector, Mapping):
        return None
    return secrets / str(selector.get("name", "")) / str(selector.get("key", ""))


def _auth_file_options(path: Path) -> dict[str, Any]:
    text = _read(path)
    loaded = yamltext.load_all(text, str(path)) if ":" in text else []
    if loaded and isinstance(loaded[0], Mapping):
        auth = {str(key): str(value) for key, value in loaded[0].items()}
        return (
            {"token": auth["token"]}
            if "token" in auth
            else {"user": auth.get("username", ""), "password": auth.get("password", "")}
        )
    return {"token": text.strip()}


def _credentials(path: Path) -> RawCredentials:
    text = _read(path)
    found = _CREDENTIALS.search(text)
    if found is None:
        raise Refused(f"the bus' secret {path} is no credentials file of NATS")
    _seed(found["seed"], path)
    return RawCredentials(text)


def _seed(text: str, path: Path) -> str:
    """Look at a seed before the client does, which fails over a bad one in ways of its own."""
    try:
        nkeys.from_seed(bytearray(text.strip().encode())).wipe()
    except nkeys.NkeysError:
        raise Refused(f"the bus' secret {path} holds no seed of a NATS key") from None
    return text.strip()


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise Refused(f"the bus' secret {path} cannot be read: {error}") from error
