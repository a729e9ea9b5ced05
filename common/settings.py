"""What both services take from their environment, each variable with its meaning, unit and default in one place.

`docs/settings.md` is generated from these classes; a test compares. The drop-in form of Argo Events (`EVENTBUS_CONFIG`)
and our own (`NATS_…`) end in one value: `BusConfig`.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar

from pydantic import AliasChoices, Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from common.errors import ConfigurationError

SettingsT = TypeVar("SettingsT", bound="Settings")


class Settings(BaseSettings):
    """The root of every group of settings: frozen, from the environment alone."""

    model_config = SettingsConfigDict(frozen=True, extra="ignore", env_ignore_empty=True)


def read(group: type[SettingsT]) -> SettingsT:
    """Read a group from the environment. Raises `ConfigurationError` naming each variable that is wrong."""
    try:
        return group()
    except ValidationError as error:
        faults = [f"{'.'.join(map(str, f['loc']))}: {f['msg'].removeprefix('Value error, ')}" for f in error.errors()]
        raise ConfigurationError(*faults) from error


class PodSettings(Settings):
    """Who we are and how we are watched."""

    pod_name: str = Field("", validation_alias="POD_NAME", description="Name of the pod, for logs and leases.")
    namespace: str = Field(
        "default",
        validation_alias=AliasChoices("POD_NAMESPACE", "NAMESPACE"),
        description="Namespace of the pod; used where a document names none.",
    )
    metrics_port: int = Field(
        7777,
        ge=0,
        le=65535,
        validation_alias="METRICS_PORT",
        description="Port of /metrics, /livez, /readyz and the status page; 0 takes a free one and logs it.",
    )
    log_level: str = Field("info", validation_alias="LOG_LEVEL", description="debug, info, warn or error; else info.")
    drain: float = Field(
        45.0,
        gt=0,
        validation_alias="DRAIN_SECONDS",
        description="Seconds that SIGTERM leaves for what is in hand; keep terminationGracePeriodSeconds 5 s above it.",
    )


class BusSettings(Settings):
    """Where the bus is, how we log in, and what we create there."""

    config: str = Field(
        "",
        validation_alias="EVENTBUS_CONFIG",
        description="Base64 of Argo Events' JSON: {jetstream: {url, accessSecret, tls, streamConfig}}.",
    )
    auth_file: Path = Field(
        Path("/etc/eventbus/auth/auth.yaml"),
        validation_alias="EVENTBUS_AUTH_FILE",
        description="With EVENTBUS_CONFIG and accessSecret: the mounted file with username and password (or a bare token).",
    )
    secrets_dir: Path = Field(
        Path("/argo-events/secrets"),
        validation_alias="SECRETS_DIR",
        description="Where secrets are mounted, as <dir>/<secret>/<key>.",
    )
    url: str = Field("", validation_alias="NATS_URL", description="nats:// or tls:// addresses, separated by commas.")
    stream: str = Field("default", validation_alias="NATS_STREAM", description="Name of the stream of events.")
    subject_prefix: str = Field(
        "default", validation_alias="NATS_SUBJECT_PREFIX", description="First token of every event's subject."
    )
    owner: str = Field(
        "argosy",
        validation_alias="NATS_OWNER",
        description="Mark that our streams carry; a stream with another mark belongs to another install and is refused.",
    )
    user: str = Field("", validation_alias="NATS_USER", description="User name.")
    password: SecretStr = Field(SecretStr(""), validation_alias="NATS_PASSWORD", description="Password of NATS_USER.")
    password_file: Path | None = Field(None, validation_alias="NATS_PASSWORD_FILE", description="File with the password.")
    token: SecretStr = Field(SecretStr(""), validation_alias="NATS_TOKEN", description="Token, in place of a user.")
    token_file: Path | None = Field(None, validation_alias="NATS_TOKEN_FILE", description="File with the token.")
    nkey_file: Path | None = Field(None, validation_alias="NATS_NKEY_FILE", description="File with an nkey seed.")
    creds_file: Path | None = Field(None, validation_alias="NATS_CREDS_FILE", description="File with JWT and seed (.creds).")
    tls_ca_file: Path | None = Field(None, validation_alias="NATS_TLS_CA_FILE", description="CA that signed the server.")
    tls_cert_file: Path | None = Field(None, validation_alias="NATS_TLS_CERT_FILE", description="Our certificate.")
    tls_key_file: Path | None = Field(None, validation_alias="NATS_TLS_KEY_FILE", description="Key of our certificate.")
    tls_handshake_first: bool = Field(
        default=False,
        validation_alias="NATS_TLS_HANDSHAKE_FIRST",
        description="Whether TLS comes before the server's greeting, as its `handshake_first` wants it.",
    )
    replicas: int = Field(1, ge=1, le=5, validation_alias="NATS_REPLICAS", description="Copies of each stream we create.")
    max_bytes: int = Field(
        0,
        ge=0,
        validation_alias="NATS_MAX_BYTES",
        description="Bytes of the stream of events; 0: the smaller of 1 GiB and half of the account's free storage.",
    )
    max_msgs_per_subject: int = Field(
        1_000_000,
        ge=1,
        validation_alias="NATS_MAX_MSGS_PER_SUBJECT",
        description="Events that wait on one subject before its queue is pushed back on.",
    )


def documented(*groups: type[Settings]) -> Mapping[str, tuple[str, Any, str]]:
    """Give every variable of these groups: name → (all its names, default, meaning), for the generated table."""
    table: dict[str, tuple[str, Any, str]] = {}
    for group in groups:
        for field in group.model_fields.values():
            alias = field.validation_alias
            names = list(alias.choices) if isinstance(alias, AliasChoices) else [alias]
            default = field.get_default(call_default_factory=True)
            shown = default.get_secret_value() if isinstance(default, SecretStr) else default
            table[str(names[0])] = (", ".join(map(str, names)), shown, field.description or "")
    return table
