"""What makes a sensor fast, beside any clock: what it does not wait for, and what it does not ask.

How fast it is stands in the README and comes from `make bench-sensor`.
"""

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from tests.integration.sensor.rig import Rig, eventually

EVENTS, AT_ONCE = 200, 16


class Held(ThreadingHTTPServer):
    """Answers `/quick` at once and `/slow` when it is let go; counts what it has answered, and what it holds."""

    daemon_threads = True

    def __init__(self) -> None:
        """Listen on a free port."""
        self.go = threading.Event()
        self.answered: Counter[str] = Counter()
        self.holds = 0
        self.lock = threading.Lock()
        super().__init__(("127.0.0.1", 0), _Handler)

    def trigger(self, name: str) -> dict[str, Any]:
        """Write a trigger that sends its events here."""
        payload = [{"src": {"dependencyName": "order", "dataKey": "body"}, "dest": "order"}]
        return {"template": {"name": name, "http": {"url": f"http://127.0.0.1:{self.server_port}/{name}", "payload": payload}}}


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Held

    def do_POST(self) -> None:
        """Answer, at once or later."""
        self.rfile.read(int(self.headers["Content-Length"]))
        name, server = self.path.lstrip("/"), self.server
        if name == "slow":
            with server.lock:
                server.holds += 1
            server.go.wait()
        with server.lock:
            server.answered[name] += 1
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def held() -> Iterator[Held]:
    """Run the server until the block ends."""
    with Held() as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield server
        finally:
            server.go.set()
            server.shutdown()
            thread.join()


@pytest.mark.promise("F2")
def test_a_slow_trigger_delays_no_other_and_has_many_requests_under_way(rig: Rig) -> None:
    """While one target holds all that it may have at once, the other trigger works off everything.

    With one bound on what both have in hand (a semaphore around `Consumer._work`) this fails: the slow one holds it all.
    """
    with held() as server:
        document = rig.document()
        document["spec"]["triggers"] = [server.trigger("slow"), server.trigger("quick")]
        rig.sensor(document, SENSOR_IN_FLIGHT=str(AT_ONCE)).start()
        rig.publish(range(EVENTS))
        eventually("the quick one has had all", lambda: server.answered["quick"] == EVENTS, 60)
        eventually("the slow one has as many as it may", lambda: server.holds == AT_ONCE, 60)
        assert server.answered["slow"] == 0
        server.go.set()
        eventually("the slow one has had all", lambda: server.answered["slow"] == EVENTS, 60)


@pytest.mark.promise("F2", "F3")
def test_an_event_is_one_request_and_waits_for_none(rig: Rig) -> None:
    """Events that come one by one: the sensor's request waits on the bus before each, and the API server is asked once.

    With a look for the Workflow before each create (`again` always true) this fails, with 50 reads.
    """
    sensor = rig.sensor().start()
    for number in range(50):
        eventually("a request waits on the bus", lambda: all(c.num_waiting for c in rig.consumers()))
        rig.publish([number])
        eventually("its Workflow", lambda: rig.unread() == 0)
    assert rig.count() == 50
    workflows = {"resource": "workflows"}
    asked = {
        verb: sensor.total("argosy_sensor_kubernetes_api_requests_total", verb=verb, **workflows) for verb in ("POST", "GET")
    }
    assert asked == {"POST": 50, "GET": 0}
