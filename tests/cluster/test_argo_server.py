"""`retry` and `resubmit` against a server that plays Argo Server, over real sockets and TLS."""

import asyncio
import ssl
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import pytest
from aiohttp import web

from argosy.servers.process import free_port
from common import documents
from common.errors import ConfigurationError, Failed, Refused, Rejected, ServiceError, Unavailable
from sensor.ports import Cluster, Fired
from sensor.ports import Trigger as Fires
from sensor.spec import Trigger
from sensor.triggers import Surroundings, construct
from sensor.triggers.argo_server import ArgoServer, argo_server
from tests.cluster.acting import argo, firing, parameter
from tests.fakes_sensor import FakeCluster
from tests.servers.certificates import Authority

NAMED = {"apiVersion": "argoproj.io/v1alpha1", "kind": "Workflow", "metadata": {"name": "w"}}


@dataclass
class Server:
    """Answers each request with what a test says, and keeps what came."""

    status: int = 200
    answer: Any = field(default_factory=lambda: {"metadata": {"name": "w"}})
    headers: dict[str, str] = field(default_factory=dict)
    asked: list[tuple[str, str, str, Any]] = field(default_factory=list)

    async def handle(self, request: web.Request) -> web.Response:
        """Answer one request."""
        login = request.headers.get("Authorization", "")
        self.asked.append((request.method, request.raw_path, login, await request.json()))
        if isinstance(self.answer, str):
            return web.Response(status=self.status, text=self.answer, headers=self.headers)
        return web.json_response(self.answer, status=self.status, headers=self.headers)


@dataclass
class Rig:
    """A server, how to reach it, and a cluster for policies."""

    server: Server = field(default_factory=Server)
    cluster: FakeCluster = field(default_factory=FakeCluster)
    trust: ssl.SSLContext | None = None
    token_file: Path | None = None
    ca_file: Path | None = None
    is_insecure: bool = False

    def run(
        self, template: dict[str, Any], work: Callable[[Fires], Awaitable[Any]], policy: dict[str, Any] | None = None
    ) -> Any:  # noqa: ANN401 - whatever the work gives
        """Make the trigger of a template while the server runs, and do something with it."""

        async def go() -> Any:  # noqa: ANN401 - whatever the work gives
            app = web.Application()
            app.router.add_put("/{rest:.*}", self.server.handle)
            runner = web.AppRunner(app)
            await runner.setup()
            port = free_port()
            await web.TCPSite(runner, "127.0.0.1", port, ssl_context=self.trust).start()
            scheme = "http" if self.trust is None else "https"
            where = ArgoServer(f"{scheme}://127.0.0.1:{port}", self.token_file, self.ca_file, self.is_insecure)
            around = Surroundings("orders", "argo", self.cluster, argo_server=where)
            trigger = documents.parse(Trigger, {"template": {"name": "t", **template}, "policy": {"k8s": policy}}).value
            assert trigger.template is not None
            try:
                async with around.shared:
                    return await work(construct(trigger.template, trigger.policy, around, "here"))
            finally:
                await runner.cleanup()

        return asyncio.run(go())

    def fire(self, template: dict[str, Any], policy: dict[str, Any] | None = None) -> Fired:
        """Fire once."""
        fired: Fired = self.run(template, lambda made: made.fire(firing()), policy)
        return fired

    def fails(self, template: dict[str, Any] | None = None) -> ServiceError:
        """Fire once, and give what is raised."""
        with pytest.raises(ServiceError) as raised:
            self.fire(template or argo("retry", NAMED))
        return raised.value


def test_retry_and_resubmit(tmp_path: Path) -> None:
    """The requests of Argo's own client, with the token of this moment; what came of it is told."""
    rig = Rig(token_file=tmp_path / "token")
    (tmp_path / "token").write_text("Bearer secret\n")
    elsewhere = {"metadata": {"name": "w", "namespace": "other"}}
    args = ["-p", "a=b", "--restart-successful", "--node-field-selector", "displayName=x"]
    rig.fire(argo("retry", {**NAMED, **elsewhere}, args=args))
    rig.server.answer = {"metadata": {"name": "w-new"}}
    fired = rig.fire(argo("resubmit", NAMED, parameter("metadata.name", value="v.1"), args=["--memoized=true"]))
    assert fired.what == "resubmit Workflow argo/v.1: Workflow argo/w-new"
    retry = {"parameters": ["a=b"], "restartSuccessful": True, "nodeFieldSelector": "displayName=x"}
    assert rig.server.asked == [
        ("PUT", "/api/v1/workflows/other/w/retry", "Bearer secret", {"namespace": "other", "name": "w", **retry}),
        ("PUT", "/api/v1/workflows/argo/v.1/resubmit", "Bearer secret", {"namespace": "argo", "name": "v.1", "memoized": True}),
    ]


def test_a_preview_asks_nothing(tmp_path: Path) -> None:
    """It shows the request, and not the token."""
    rig = Rig(token_file=tmp_path / "none")
    preview = rig.run(argo("retry", NAMED), lambda made: made.preview(firing()))
    assert preview.request["url"].endswith("/api/v1/workflows/argo/w/retry")
    assert preview.request["body"] == {"namespace": "argo", "name": "w", "restartSuccessful": False, "nodeFieldSelector": ""}
    assert rig.run(argo("retry", NAMED), lambda made: made.find(firing())) is None
    assert rig.server.asked == []


@pytest.mark.promise("A4")
@pytest.mark.parametrize(
    ("status", "answer", "kind"),
    [
        (404, {"code": 5, "message": "workflows w not found"}, Failed),
        (400, {"code": 3, "message": "Cannot retry a workflow in phase Running"}, Failed),
        (409, {"code": 6, "message": "conflict"}, Failed),
        (500, {"code": 13, "message": "no such node"}, Failed),
        (401, {"code": 16, "message": "token not valid"}, Refused),
        (403, {"code": 7, "message": "forbidden"}, Refused),
        (404, "<html>no such page", Refused),
        (200, "<html>welcome", Refused),
        (302, "", Refused),
        (429, {"code": 8, "message": "slow down"}, Unavailable),
        (503, {"code": 14, "message": "away"}, Unavailable),
        (502, "<html>bad gateway", Unavailable),
    ],
)
def test_each_answer_has_one_meaning(status: int, answer: object, kind: type[ServiceError]) -> None:
    """What it says about the Workflow is an attempt; a login or an address that is wrong stops; the rest passes."""
    rig = Rig(Server(status, answer, {"Retry-After": "7"}))
    error = rig.fails()
    assert type(error) is kind
    assert str(status) in str(error)
    assert getattr(error, "after", 7.0) == 7.0


def test_names_lead_nowhere_else() -> None:
    """A name out of an event is a name, not a path; one with odd letters stays itself."""
    rig = Rig()
    for name in ("..", "a/b", "a%2fb"):
        assert isinstance(rig.fails(argo("retry", NAMED, parameter("metadata.name", value=name))), Rejected)
    rig.fire(argo("retry", NAMED, parameter("metadata.name", value="a?b#c d")))
    assert [path for _, path, _, _ in rig.server.asked] == ["/api/v1/workflows/argo/a%3Fb%23c%20d/retry"]


def test_trust(tmp_path: Path) -> None:
    """A server is trusted by the given certificates, or blindly if that is asked for; otherwise the trigger stops."""
    authority = Authority(tmp_path)
    certificate = authority.issue("argo-server")
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate.cert, certificate.key)
    rig = Rig(trust=context)
    assert isinstance(rig.fails(), Refused)
    rig.ca_file = tmp_path / "none"
    assert "ARGO_SERVER_CA_FILE" in str(rig.fails())
    rig.ca_file = authority.ca
    rig.fire(argo("retry", NAMED))
    rig.ca_file, rig.is_insecure = None, True
    rig.fire(argo("retry", NAMED))
    assert len(rig.server.asked) == 2


def test_what_is_missing_is_waited_for(tmp_path: Path) -> None:
    """A token that is not mounted yet stops the trigger; a server that is away passes."""
    assert "ARGO_SERVER_TOKEN_FILE" in str(Rig(token_file=tmp_path / "none").fails())
    around = Surroundings("orders", "argo", cast("Cluster", None), argo_server=ArgoServer(f"http://127.0.0.1:{free_port()}"))
    trigger = documents.parse(Trigger, {"template": {"name": "t", **argo("retry", NAMED)}}).value

    async def fire() -> None:
        assert trigger.template is not None
        async with around.shared:
            await construct(trigger.template, None, around, "here").fire(firing())

    with pytest.raises(Unavailable, match="away"):
        asyncio.run(fire())


def test_a_policy_looks_at_what_was_resubmitted() -> None:
    """It asks the cluster for the new Workflow; while only its labels are missing, nothing is submitted again."""
    rig = Rig(Server(answer={"metadata": {"name": "new"}}))
    made = {"metadata": {"name": "new", "labels": {"done": "no"}}}
    rig.cluster.objects["argo", "Workflow", "new"] = made
    policy = {"labels": {"done": "yes"}, "backoff": {"steps": 1}, "errorOnBackoffTimeout": True}

    async def work(trigger: Fires) -> Fired:
        with pytest.raises(Failed):
            await trigger.fire(firing())
        made["metadata"]["labels"] = {"done": "yes"}
        return await trigger.fire(firing())

    assert rig.run(argo("resubmit", NAMED), work, policy).how == "fired"
    assert len(rig.server.asked) == 1


def test_settings_are_read() -> None:
    """Without an address the operations are refused by name at the start; a bad address is named."""
    assert argo_server("", None, None, is_insecure=False) is None
    assert argo_server("https://a:2746/", None, None, is_insecure=True) == ArgoServer("https://a:2746", is_insecure=True)
    for url in ("argo-server:2746", "ftp://x", "https://", "https://u:p@x", "https://x/?a=b", "http://["):
        with pytest.raises(ConfigurationError, match="ARGO_SERVER_URL") as refused:
            argo_server(url, None, None, is_insecure=False)
        assert "u:p" not in str(refused.value)
    trigger = documents.parse(Trigger, {"template": {"name": "t", **argo("resubmit", NAMED)}}).value
    assert trigger.template is not None
    with pytest.raises(ConfigurationError, match=r"here\.argoWorkflow\.operation: resubmit: only Argo Server"):
        construct(trigger.template, None, Surroundings("s", "n", FakeCluster()), "here")
