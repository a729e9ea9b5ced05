"""`rateLimit` over three sensor processes whose clocks are minutes apart."""

import bisect
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from tests.integration.sensor.rig import Rig, eventually

SKEWED = """
import os, time
_true, _by = time.time, float(os.environ.get("TEST_CLOCK", "0"))
time.time = lambda: _true() + _by
"""


class Target(ThreadingHTTPServer):
    """An HTTP server that writes down when each request came, and which event it was."""

    def __init__(self) -> None:
        """Listen on a free port."""
        self.came: list[tuple[float, str]] = []
        super().__init__(("127.0.0.1", 0), _Handler)


class _Handler(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        """Write it down."""
        at = time.monotonic()
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.came.append((at, body["message"]))  # type: ignore[attr-defined]
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Be silent."""


@contextmanager
def listening() -> Iterator[Target]:
    """Run the target."""
    with Target() as target:
        thread = threading.Thread(target=target.serve_forever, daemon=True)
        thread.start()
        yield target
        target.shutdown()
        thread.join()


def document(rig: Rig, target: Target, **limit: Any) -> dict[str, Any]:  # noqa: ANN401 - the document's
    """Write a sensor that sends each event to the target, within a limit."""
    payload = [{"src": {"dependencyName": "order", "dataKey": "body"}, "dest": "message"}]
    http = {"url": f"http://127.0.0.1:{target.server_port}/", "method": "POST", "payload": payload}
    written = rig.document()
    written["spec"]["triggers"] = [{"template": {"name": "send", "http": http}, "rateLimit": limit}]
    return written


def most_in(moments: list[float], seconds: float) -> int:
    """Count the most that came within any window."""
    ordered = sorted(moments)
    return max(bisect.bisect_left(ordered, at + seconds) - number for number, at in enumerate(ordered))


@pytest.mark.promise("D2")
def test_three_replicas_with_clocks_minutes_apart_keep_to_one_limit(rig: Rig, tmp_path: Path) -> None:
    """Idle, then 30 events at 3 a second: never more than 3 reach the target in any second, and all of them do.

    The replicas' clocks are 5 minutes fast, 5 minutes slow, and right. Let each of them keep a limit of its own (its own key
    in `Limiting.of`) to see it fail.
    """
    skewed = tmp_path / "skewed"
    skewed.mkdir()
    (skewed / "sitecustomize.py").write_text(SKEWED)
    with listening() as target:
        written = document(rig, target, unit="Second", requestsPerUnit=3)
        sensors = [rig.sensor(written, TEST_CLOCK=by, PYTHONPATH=str(skewed)).start() for by in ("300", "-300", "0")]
        rig.publish(range(30))
        eventually("all events at the target", lambda: len(target.came) >= 30, 60)
        moments = [at for at, _ in target.came]
        assert most_in(moments, 1.0) <= 3
        assert sorted(body for _, body in target.came) == sorted(f"body {n}" for n in range(30))
        # 30 events take 9 windows; a limit that only slows everything down would be none.
        assert max(moments) - min(moments) < 9 * 1.5
        eventually("all are done with", lambda: sum(s.total("argosy_sensor_outcomes_total") for s in sensors) == 30)
        assert sum(sensor.total("argosy_sensor_outcomes_total", outcome="fired") for sensor in sensors) == 30
        apart = [sensor.total("argosy_sensor_last_trigger_timestamp_seconds") - time.time() for sensor in sensors]
        assert [round(by, -2) for by in apart] == [300, -300, 0], "the clocks were not apart, or one replica did nothing"


@pytest.mark.promise("D2")
def test_a_slow_limit_leaves_the_rest_on_the_bus(rig: Rig) -> None:
    """At 3 a minute three of 30 go at once; the rest is not held in hand for minutes, and the page says why."""
    with listening() as target:
        sensors = [rig.sensor(document(rig, target, unit="Minute", requestsPerUnit=3)).start() for _ in range(3)]
        rig.publish(range(30))
        eventually("three events", lambda: len(target.came) == 3)
        eventually("the limit", lambda: any(s.total("argosy_sensor_rate_limited") == 1 for s in sensors))
        assert sum(sensor.total("argosy_sensor_messages_in_flight") for sensor in sensors) <= 9
        eventually("the page says so", lambda: any("the rate limit is reached" in sensor.read("") for sensor in sensors))
        assert all(sensor.says("readyz") for sensor in sensors)
        for sensor in sensors:
            assert sensor.process.stop(deadline=20) == 0
        assert len(target.came) == 3
        assert rig.unread() == 27
