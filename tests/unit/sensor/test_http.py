"""The `http` trigger before anything is sent: what a document becomes, what is shown of it, what it refuses."""

# ruff: noqa: ANN401 - documents are any JSON

import asyncio
import json
from pathlib import Path
from typing import Any, cast

import pytest

from common import documents
from common.errors import ConfigurationError, Refused, Rejected
from sensor.ports import Cluster, Firing, Preview, Trigger
from sensor.spec import TriggerTemplate
from sensor.triggers import Surroundings, construct
from sensor.triggers.http.trigger import retry_after
from sensor.triggers.sources import Folders
from tests.fakes_sensor import event

DIGEST = "d0" * 32
URL = "http://h/path"


def parameter(dest: str, operation: str = "", **src: Any) -> dict[str, Any]:
    """Write one parameter of the event's `body`, or as it is given."""
    return {"src": {"dependencyName": "order"} | (src or {"dataKey": "body"}), "dest": dest, "operation": operation}


def secret(name: str = "s", key: str = "k", **more: Any) -> dict[str, Any]:
    """Name a mounted value."""
    return {"name": name, "key": key} | more


def made(folder: Path = Path("/none"), **http: Any) -> Trigger:
    """Make a trigger as a document would."""
    template = documents.parse(TriggerTemplate, {"name": "t", "http": {"url": URL} | http}).value
    around = Surroundings("orders", "argo", cast("Cluster", None), Folders(folder, folder))
    return construct(template, None, around, "template")


def preview(trigger: Trigger, data: bytes = b'{"body":"hello","n":7}') -> Preview:
    """Let it tell what it would send."""
    return asyncio.run(trigger.preview(Firing(DIGEST, {"order": event(data=data)}, 0.0)))


def headers(**http: Any) -> dict[str, str]:
    """Give the headers that would be sent, without the hash."""
    sent = dict(preview(made(**http)).request["headers"])
    assert sent.pop("Idempotency-Key") == DIGEST
    return sent


def test_a_preview_is_the_request() -> None:
    """Method, address, host, headers and body as they would go out."""
    shown = preview(made(method="PUT", headers={"X": "1"}, payload=[parameter("a.b")]))
    assert shown.action == "PUT http://h/path"
    assert shown.request == {
        "method": "PUT",
        "url": URL,
        "host": "h",
        "headers": {"X": "1", "Idempotency-Key": DIGEST},
        "body": '{"a":{"b":"hello"}}',
    }


def test_nothing_is_added_but_the_hash() -> None:
    """No Content-Type, no Accept: the document says what is sent."""
    assert headers() == {}


def test_a_document_may_set_the_idempotency_key_itself() -> None:
    """Whoever names the header, in any case, has a key of their own."""
    sent = preview(made(dynamicHeaders=[parameter("idempotency-key")])).request["headers"]
    assert sent == {"idempotency-key": "hello"}


def test_headers_win_in_their_order() -> None:
    """Headers < dynamicHeaders < secureHeaders < basicAuth, by exact name."""
    secure = {"valueFrom": {"secretKeyRef": secret()}}
    assert headers(
        headers={"A": "h", "B": "h", "C": "h", "Authorization": "h"},
        dynamicHeaders=[parameter("B"), parameter("C")],
        secureHeaders=[secure | {"name": "C"}, secure | {"name": "Authorization"}],
        basicAuth={"username": secret(key="u")},
    ) == {"A": "h", "B": "hello", "C": "<secret s/k>", "Authorization": "Basic <secret s/u>:"}  # fmt: skip


@pytest.mark.parametrize("name", ["Host", "host", "Content-Length", "transfer-encoding", "Trailer"])
def test_headers_of_the_client_cannot_be_set(name: str) -> None:
    """They would break the request; Go drops them too."""
    assert headers(headers={name: "9"}) == {}


def test_values_lose_their_blanks_at_the_ends() -> None:
    """As Go writes them."""
    assert headers(headers={"X": " a b\t"}) == {"X": "a b"}


def test_a_dynamic_header_with_a_line_feed_is_about_the_event() -> None:
    """It could smuggle in another header: the event is parked, and the text names the entry."""
    with pytest.raises(Rejected, match=r"http\.dynamicHeaders\[0\]: .* header X: it holds a control character"):
        preview(made(dynamicHeaders=[parameter("X")]), b'{"body":"a\\r\\nEvil: 1"}')


def test_an_absent_dependency_is_skipped() -> None:
    """The Go sensor crashes over it (F4)."""
    absent = {"src": {"dependencyName": "other", "dataKey": "body"}, "dest": "x"}
    shown = preview(made(payload=[absent, parameter("y")], dynamicHeaders=[absent | {"dest": "X"}]))
    assert shown.request["body"] == '{"y":"hello"}'
    assert "X" not in shown.request["headers"]


def test_secrets_are_not_needed_to_look() -> None:
    """`argosy validate` and `explain` run where nothing is mounted, and show a mask."""
    shown = preview(
        made(
            secureHeaders=[{"name": "X", "valueFrom": {"configMapKeyRef": secret("c")}}],
            basicAuth={"username": secret(), "password": secret(key="p")},
            tls={"caCertSecret": secret("ca")},
        )
    )
    assert shown.request["headers"]["X"] == "<configmap c/k>"
    assert shown.request["headers"]["Authorization"] == "Basic <secret s/k>:<secret s/p>"


@pytest.mark.parametrize(
    "http",
    [
        {"url": "http://user:hunter2@h/"},
        {"headers": {"Authorization": "Bearer hunter2", "cookie": "hunter2"}},
        {"dynamicHeaders": [parameter("Authorization", value="hunter2")]},
    ],
    ids=["url", "header", "dynamic"],
)
def test_a_preview_shows_no_login(http: dict[str, Any]) -> None:
    """What stands in the document is no secret of Kubernetes, and still nothing for a screen."""
    assert "hunter2" not in json.dumps(preview(made(**http)).request)


# ----------------------------------------------------------------------------------------------------------- parameters


def test_parameters_change_anything() -> None:
    """Address, method and headers, as Argo Events does it: in the block as JSON."""
    shown = preview(
        made(
            parameters=[
                parameter("url", "append"),
                parameter("method", value="GET"),
                parameter("headers.X-New"),
                parameter("noSuchField"),
            ]
        )
    )
    assert (shown.request["method"], shown.request["url"]) == ("GET", "http://h/pathhello")
    assert shown.request["headers"]["X-New"] == "hello"


def test_parameters_may_complete_a_block() -> None:
    """A document without an address is whole once an event brings one."""
    assert preview(made(url="", parameters=[parameter("url", value="http://e/")])).request["url"] == "http://e/"


@pytest.mark.parametrize(
    "entry",
    [
        parameter("timeout", value="soon"),
        parameter("url", value="no address"),
        parameter("method", value="G ET"),
        parameter("secureHeaders.0.valueFrom.secretKeyRef.key", value="../../other/token"),
    ],
    ids=["type", "url", "method", "folder"],
)
def test_a_parameter_that_leaves_no_trigger_is_about_the_event(entry: dict[str, Any]) -> None:
    """It is parked, whatever it tried: above all no event leads out of the folder of secrets."""
    secure = [{"name": "X", "valueFrom": {"secretKeyRef": secret()}}]
    with pytest.raises(Rejected, match=r"template\.http") as caught:
        preview(made(secureHeaders=secure, parameters=[entry]))
    assert caught.value.reason == "parameter"


# -------------------------------------------------------------------------------------------------------------- refused


@pytest.mark.parametrize(
    ("http", "line"),
    [
        ({"url": ""}, r"template\.http\.url: the address has no scheme"),
        ({"url": "::bad"}, r"template\.http\.url: "),
        ({"method": "A B"}, r"template\.http\.method: "),
        ({"host": "a b"}, r"template\.http\.host: "),
        ({"host": "a/b"}, r"template\.http\.host: "),
        ({"headers": {"a b": "1"}}, r"template\.http\.headers\.a b: "),
        ({"headers": {"a": "1\n2"}}, r"template\.http\.headers\.a: a control character"),
        ({"dynamicHeaders": [parameter("")]}, r"template\.http\.dynamicHeaders\[0\]\.dest: "),
        ({"dynamicHeaders": [{"dest": "x"}]}, r"template\.http\.dynamicHeaders\[0\]\.src: "),
        ({"payload": [{"dest": "x"}]}, r"template\.http\.payload\[0\]\.src: "),
        ({"secureHeaders": [{"name": "X"}]}, r"template\.http\.secureHeaders\[0\]\.valueFrom: "),
        ({"secureHeaders": [{"name": "X", "valueFrom": {}}]}, r"template\.http\.secureHeaders\[0\]\.valueFrom: "),
        ({"basicAuth": {"username": {"name": "s"}}}, r"template\.http\.basicAuth\.username\.key: required"),
        ({"basicAuth": {"username": secret("..")}}, r"template\.http\.basicAuth\.username\.name: "),
        ({"tls": {}}, r"template\.http\.tls: neither enabled"),
        ({"tls": {"clientCertSecret": secret()}}, r"template\.http\.tls: clientCertSecret and clientKeySecret belong"),
    ],
    ids=str,
)
def test_what_can_never_be_sent_is_refused_at_start(http: dict[str, Any], line: str) -> None:
    """With the place, before any connection opens; some of it crashes the Go sensor when an event comes (X2)."""
    with pytest.raises(ConfigurationError, match=line):
        made(**http)


# -------------------------------------------------------------------------------------------------------------- secrets


def test_a_secret_that_is_not_mounted_stops_the_trigger(tmp_path: Path) -> None:
    """It is no fault of the event's: nothing is parked until somebody mounts it; the text names it."""
    trigger = made(tmp_path, secureHeaders=[{"name": "X", "valueFrom": {"secretKeyRef": secret()}}])
    with pytest.raises(Refused, match=r"<secret s/k> cannot be read: .*/s/k: No such file"):
        asyncio.run(trigger.fire(Firing(DIGEST, {"order": event()}, 0.0)))


@pytest.mark.parametrize("content", [b"hunter2\n\n", b"hunter2\xff", b"hunter2\x00"])
def test_a_secret_that_fits_no_header_is_not_shown(tmp_path: Path, content: bytes) -> None:
    """Only its name reaches the log."""
    (tmp_path / "s").mkdir()
    (tmp_path / "s" / "k").write_bytes(content)
    trigger = made(tmp_path, secureHeaders=[{"name": "X", "valueFrom": {"secretKeyRef": secret()}}])
    with pytest.raises(Refused, match=r"<secret s/k>") as caught:
        asyncio.run(trigger.fire(Firing(DIGEST, {"order": event()}, 0.0)))
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("", None), ("soon", None), ("7", 7.0), (" 7 ", 7.0), ("-7", None), ("Thu, 01 Jan 1970 00:01:40 GMT", 90.0),
     ("Thu, 01 Jan 1970 00:00:00 GMT", 0.0), ("Thu, 99 Jan 1970 00:00:00 GMT", None)],
)  # fmt: skip
def test_retry_after_is_seconds_or_a_date(text: str, seconds: float | None) -> None:
    """RFC 9110 §10.2.3 has both."""
    assert retry_after(text, 10.0) == seconds
