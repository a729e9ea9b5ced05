"""A real sensor process with triggers of the kinds `http`, `nats` and `log`: no cluster, real targets, an outage."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import yaml
from nats.aio.client import Client

from argosy.servers.nats import NatsServer
from argosy.servers.process import free_port
from common.cloudevent import dump
from tests.integration.sensor.rig import Rig, Sensor, event, eventually

PAYLOAD = [{"src": {"dependencyName": "order", "dataKey": "body"}, "dest": "order"}]


@dataclass
class Target:
    """An HTTP server that can be away; `status` is what it answers."""

    port: int = field(default_factory=free_port)
    status: int = 200
    seen: list[tuple[str, bytes]] = field(default_factory=list)

    @contextmanager
    def running(self) -> Iterator[None]:
        """Be there."""
        target = self

        class Handler(BaseHTTPRequestHandler):
            """Note the key and the body."""

            def do_POST(self) -> None:
                """Answer."""
                body = self.rfile.read(int(self.headers["Content-Length"]))
                target.seen.append((self.headers["Idempotency-Key"], body))
                self.send_response(target.status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        with ThreadingHTTPServer(("127.0.0.1", self.port), Handler) as server:
            thread = threading.Thread(target=server.serve_forever)
            thread.start()
            try:
                yield
            finally:
                server.shutdown()
                thread.join()


@dataclass
class World:
    """A sensor with three triggers, and the hand that gives it events."""

    sensor: Sensor
    rig: Rig
    target: Target
    server: NatsServer
    subject: str

    def bodies(self) -> list[str]:
        """Give what the HTTP server got."""
        return sorted(json.loads(body)["order"] for _, body in self.target.seen)

    def lines(self) -> list[str]:
        """Give what the log trigger wrote."""
        written = [json.loads(line) for line in self.sensor.process.log.read_text().splitlines() if line.startswith("{")]
        return [json.loads(line["msg"])["body"] for line in written if line.get("event") == "trigger.log"]


@pytest.fixture
def world(nats_server: NatsServer, stream: str, tmp_path: Path) -> Iterator[World]:
    """Prepare them; the sensor is ended with the test."""
    target = Target()
    subject = f"{stream}-done"
    path = tmp_path / "sensor.yaml"
    retry = {"steps": 2, "duration": "10ms"}
    triggers = [
        {
            "template": {"name": "http", "http": {"url": f"http://127.0.0.1:{target.port}/", "payload": PAYLOAD}},
            "policy": {"status": {"allow": [200]}},
            "retryStrategy": retry,
        },
        {"template": {"name": "nats", "nats": {"url": nats_server.url, "subject": subject, "payload": PAYLOAD}}},
        {"template": {"name": "log", "log": {}}},
    ]
    path.write_text(yaml.safe_dump(document(triggers)))
    settings = {
        "NATS_URL": nats_server.url,
        "NATS_STREAM": stream,
        "NATS_SUBJECT_PREFIX": stream,
        "SENSOR_FILE": str(path),
    }
    sensor = Sensor(tmp_path, settings, "sensor")
    # None of these kinds needs an API server.
    rig = Rig(tmp_path, nats_server, None, stream, "none")  # type: ignore[arg-type]
    yield World(sensor, rig, target, nats_server, subject)
    sensor.process.stop(deadline=60)


def document(triggers: list[dict[str, Any]]) -> dict[str, Any]:
    """Write a Sensor."""
    dependency = {"name": "order", "eventSourceName": "orders", "eventName": "created"}
    spec = {"dependencies": [dependency], "triggers": triggers}
    return {"kind": "Sensor", "metadata": {"name": "orders"}, "spec": spec}


def test_each_kind_fires_each_event(world: World) -> None:
    """Twenty events reach the HTTP server, the subject and the log, each with a hash of its own."""

    async def listen(client: Client) -> list[Any]:
        subscription = await client.subscribe(world.subject)
        for _ in range(2):
            await client.flush()
        js = client.jetstream()
        for number in range(20):
            await js.publish(f"{world.rig.stream}.orders.created", dump(event(number)))
        return [await subscription.next_msg(20) for _ in range(20)]

    with world.target.running():
        world.sensor.start()
        messages = world.rig.on_bus(listen)
        eventually("all requests", lambda: len(world.target.seen) == 20)
    expected = sorted(f"body {number}" for number in range(20))
    assert world.bodies() == expected
    assert len({key for key, _ in world.target.seen}) == 20
    assert sorted(json.loads(message.data)["order"] for message in messages) == expected
    assert len({message.headers["Nats-Msg-Id"] for message in messages}) == 20
    eventually("all lines", lambda: sorted(world.lines()) == expected)


def test_an_http_server_that_is_away_loses_nothing(world: World) -> None:
    """The events wait, no attempt is counted, and they are sent when it is back; the other triggers go on meanwhile."""
    world.sensor.start()
    world.rig.publish(range(5))
    eventually("the log trigger went on", lambda: len(world.lines()) == 5)
    eventually("the trigger waits", lambda: "does not answer" in world.sensor.process.log.read_text())
    assert world.rig.dead() == []
    with world.target.running():
        eventually("all requests", lambda: len(world.bodies()) == 5)
    assert world.bodies() == [f"body {number}" for number in range(5)]
    assert world.rig.dead() == []


def test_a_status_that_is_not_allowed_is_parked_in_the_end(world: World) -> None:
    """As many attempts as the retryStrategy has, with one key, and then the dead letters with the reason."""
    world.target.status = 500
    with world.target.running():
        world.sensor.start()
        world.rig.publish([1])
        eventually("parked", lambda: [letter["Argosy-Reason"] for letter in world.rig.dead()] == ["policy_failed"])
    assert len(world.target.seen) == 2
    assert len({key for key, _ in world.target.seen}) == 1
