"""What the pod says about itself: /livez, /readyz, /metrics and a page that a person can read.

Ready means connected and allowed, by the conditions that the parts of the service keep; never "the other service is
there". Live means that the event loop turns: an outage, however long, makes a pod unready and never restarts it.
"""

import asyncio
import html
import socket
import time
from collections.abc import Callable

import structlog
from aiohttp import web
from prometheus_client import generate_latest

from common.metrics import REGISTRY, condition_failing, version

Rows = Callable[[], list[tuple[str, str]]]
"""Gives the rows of one section of the status page."""

BEAT = 1.0
"""Seconds between two beats of the event loop."""
LIVE_WITHIN = 30.0
"""Seconds after which a loop that has not turned is called dead."""
_STYLE = (
    "body{font:15px system-ui;margin:2rem;max-width:70rem}td{padding:.2rem 1rem .2rem 0;vertical-align:top}.no{color:#b00020}"
)


class Condition:
    """One thing that must hold before the pod is ready."""

    def __init__(self, name: str, failing: str | None) -> None:
        self.name = name
        self.why = failing
        self.since = time.time()
        self._failing = condition_failing(name)
        self._failing.set(failing is not None)

    def ok(self) -> None:
        """Say that it holds."""
        self._set(None)

    def fail(self, why: str) -> None:
        """Say that it does not hold, and why, in words for an operator."""
        self._set(why)

    def _set(self, why: str | None) -> None:
        if (why is None) != (self.why is None):
            self.since = time.time()
            self._failing.set(why is not None)
        self.why = why


class Health:
    """All conditions of the process, and the HTTP server that tells of them."""

    def __init__(self, title: str) -> None:
        self.port = 0
        self._title = title
        self._conditions: dict[str, Condition] = {}
        self._sections: dict[str, Rows] = {}
        self._stopping = False
        self._beat = time.monotonic()
        self._log = structlog.get_logger("health")

    def condition(self, name: str, failing: str | None = "starting") -> Condition:
        """Add a condition; it fails until somebody says otherwise."""
        if name not in self._conditions:
            self._conditions[name] = Condition(name, failing)
        return self._conditions[name]

    def section(self, title: str, rows: Rows) -> None:
        """Add a section to the status page."""
        self._sections[title] = rows

    def stopping(self) -> None:
        """Say that the pod drains: unready from now on."""
        self._stopping = True

    @property
    def faults(self) -> list[str]:
        """Why the pod is not ready; empty when it is."""
        faults = [f"{c.name}: {c.why}" for c in self._conditions.values() if c.why is not None]
        return ["stopping", *faults] if self._stopping else faults

    async def run(self, port: int) -> None:
        """Serve until cancelled. `port` 0 takes a free one. A port that is taken is a fault of the process."""
        app = web.Application()
        app.add_routes(
            [
                web.get("/livez", self._livez),
                web.get("/readyz", self._readyz),
                web.get("/metrics", _metrics),
                web.get("/", self._page),
            ]
        )
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        try:
            listener = _listen(port)
            self.port = listener.getsockname()[1]
            await web.SockSite(runner, listener).start()
            self._log.info("health.serving", port=self.port)
            while True:
                self._beat = time.monotonic()
                await asyncio.sleep(BEAT)
        finally:
            await asyncio.shield(runner.cleanup())

    async def _livez(self, _: web.Request) -> web.Response:
        age = time.monotonic() - self._beat
        return web.Response(text=f"last beat {age:.1f} s ago\n", status=200 if age < LIVE_WITHIN else 503)

    async def _readyz(self, _: web.Request) -> web.Response:
        faults = self.faults
        return web.Response(text="\n".join(faults or ["ready"]) + "\n", status=503 if faults else 200)

    async def _page(self, _: web.Request) -> web.Response:
        now = time.time()
        rows = [
            (c.name, "ok" if c.why is None else f"no: {c.why}", f"for {now - c.since:.0f} s") for c in self._conditions.values()
        ]
        parts = [
            f"<h1>{html.escape(self._title)}</h1><p>Argosy {version()} · {'ready' if not self.faults else 'not ready'}</p>"
        ]
        parts.append(_table("Conditions", rows))
        parts += [_table(title, section()) for title, section in self._sections.items()]
        head = f"<!doctype html><meta charset=utf-8><title>{html.escape(self._title)}</title><style>{_STYLE}</style>"
        return web.Response(text=head + "".join(parts), content_type="text/html")


def _listen(port: int) -> socket.socket:
    """Listen on all addresses, IPv4 and IPv6, with one socket: two of them would take two free ports."""
    if socket.has_dualstack_ipv6():
        return socket.create_server(("", port), family=socket.AF_INET6, dualstack_ipv6=True)
    return socket.create_server(("", port))


async def _metrics(_: web.Request) -> web.Response:
    return web.Response(body=generate_latest(REGISTRY), headers={"Content-Type": "text/plain; version=0.0.4; charset=utf-8"})


def _table(title: str, rows: list[tuple[str, ...]] | list[tuple[str, str]] | list[tuple[str, str, str]]) -> str:
    lines = []
    for row in rows:
        mark = ' class="no"' if any(cell.startswith("no:") for cell in row) else ""
        lines.append(f"<tr{mark}>" + "".join(f"<td>{html.escape(cell)}</td>" for cell in row) + "</tr>")
    return f"<h2>{html.escape(title)}</h2><table>{''.join(lines)}</table>"
