"""Where the bus is, from either form of configuration."""

import base64
import json
from pathlib import Path

import pytest

from common.bus import BusConfig, bus_config
from common.errors import ConfigurationError
from common.settings import BusSettings, read


def settled(monkeypatch: pytest.MonkeyPatch, **environment: str) -> BusConfig:
    """Settle the bus from these variables alone."""
    for name in ("EVENTBUS_CONFIG", "NATS_URL"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    return bus_config(read(BusSettings))


def drop_in(**jetstream: object) -> str:
    """Write what Argo Events' controller writes."""
    return base64.b64encode(json.dumps({"jetstream": jetstream}).encode()).decode()


def test_the_drop_in_form(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Address, credentials and replicas come from the controller's object and the mounted file."""
    auth = tmp_path / "auth.yaml"
    auth.write_text("username: u\npassword: p")
    config = settled(
        monkeypatch,
        EVENTBUS_CONFIG=drop_in(
            url="nats://bus:4222", accessSecret={"name": "s", "key": "k"}, streamConfig="replicas: 3\nmaxmsgs: 5"
        ),
        EVENTBUS_AUTH_FILE=str(auth),
    )
    assert config.servers == ("nats://bus:4222",)
    assert config.login.options() == {"user": "u", "password": "p"}
    assert config.replicas == 3
    assert "maxmsgs not used" in config.warnings[0]


@pytest.mark.parametrize(
    ("text", "options"),
    [
        ("secret\n", {"token": "secret"}),
        ("token: t", {"token": "t"}),
        ("username: u\npassword: 5", {"user": "u", "password": "5"}),
    ],
)
def test_the_mounted_secret_may_be_a_bare_token(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, text: str, options: dict[str, str]
) -> None:
    """What Argo Events documents works as well as what its code wants (fault F42)."""
    auth = tmp_path / "auth"
    auth.write_text(text)
    config = settled(
        monkeypatch, EVENTBUS_CONFIG=drop_in(url="bus", accessSecret={"name": "s", "key": "k"}), EVENTBUS_AUTH_FILE=str(auth)
    )
    assert config.login.options() == options


def test_without_tls_the_drop_in_form_takes_either(monkeypatch: pytest.MonkeyPatch) -> None:
    """A plain server is met in plain text, one that requires TLS unverified, as in Argo Events (fault F41)."""
    config = settled(monkeypatch, EVENTBUS_CONFIG=drop_in(url="nats://bus"))
    assert config.tls is not None
    assert not config.tls.verify


@pytest.mark.promise("I3")
@pytest.mark.parametrize(
    ("environment", "fault"),
    [
        ({}, "NATS_URL: required, but missing"),
        ({"NATS_URL": "http://bus"}, "NATS_URL: http:// is none of"),
        ({"NATS_URL": "nats://u:p@bus"}, "NATS_URL: credentials do not belong into an address"),
        ({"EVENTBUS_CONFIG": "x"}, "EVENTBUS_CONFIG: not base64"),
        ({"EVENTBUS_CONFIG": drop_in()}, r"EVENTBUS_CONFIG: jetstream.url: required"),
        ({"EVENTBUS_CONFIG": base64.b64encode(b'{"kafka":{"url":"k"}}').decode()}, "EVENTBUS_CONFIG: kafka"),
        ({"EVENTBUS_CONFIG": drop_in(url="b", tls={"a": 1})}, r"EVENTBUS_CONFIG: jetstream.tls: neither"),
        ({"EVENTBUS_CONFIG": drop_in(url="b", streamConfig="replicas: x")}, r"streamConfig.replicas: a whole number"),
        ({"NATS_URL": "nats://bus", "NATS_REPLICAS": "9"}, "NATS_REPLICAS: Input should be less"),
    ],
)
def test_what_is_wrong_is_named(monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], fault: str) -> None:
    """Each fault names the variable and the place in it."""
    with pytest.raises(ConfigurationError, match=fault):
        settled(monkeypatch, **environment)


def test_no_secret_shows_in_the_value(monkeypatch: pytest.MonkeyPatch) -> None:
    """A config that lands in a log or a traceback keeps the password to itself."""
    config = settled(monkeypatch, NATS_URL="nats://bus", NATS_USER="u", NATS_PASSWORD="hunter2", NATS_TOKEN="hunter3")
    assert "hunter" not in repr(config)
