"""Where objects, secrets and settings come from, as documents say it (sensor_types.go, ArtifactLocation)."""

from typing import Any

from common.documents import Model, Unsupported


class FileSource(Model):
    """A file in the pod."""

    path: str = ""


class KeySelector(Model):
    """A key of a Secret or ConfigMap that is mounted into the pod."""

    name: str = ""
    key: str = ""
    optional: bool = False


class ArtifactSource(Model):
    """Where an object comes from; the first one given counts, in Argo Events' order."""

    s3: Unsupported = None
    inline: str | None = None
    file: FileSource | None = None
    url: Unsupported = None
    git: Unsupported = None
    configmap: KeySelector | None = None
    resource: dict[str, Any] | None = None


class BasicAuth(Model):
    """A user and a password, both from mounted secrets."""

    username: KeySelector | None = None
    password: KeySelector | None = None


class TlsConfig(Model):
    """How a server is trusted, and how we show who we are; all from mounted secrets."""

    ca_cert_secret: KeySelector | None = None
    client_cert_secret: KeySelector | None = None
    client_key_secret: KeySelector | None = None
    insecure_skip_verify: bool = False
    enabled: bool = False


class ValueFrom(Model):
    """A value that stands in a Secret or a ConfigMap."""

    secret_key_ref: KeySelector | None = None
    config_map_key_ref: KeySelector | None = None
