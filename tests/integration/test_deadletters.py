"""`argosy deadletters` against a real bus: what it lists, shows and purges, how it ends, and what it takes to read many."""

# ruff: noqa: ANN401 - JSON

import asyncio
import json
import os
import shlex
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import nats
import pytest
from nats.aio.client import Client
from typer.testing import CliRunner, Result

from argosy.cli import app
from argosy.servers.nats import NatsServer
from common.bus import BusConfig
from common.bus.streams import prepare_deadletters, prepare_replays
from common.cloudevent import dump
from common.deadletters import DeadLetter
from common.deadletters.letter import write
from common.subjects import Names, replayer
from tests.fakes_sensor import event

PAGE = Path(__file__).parents[2] / "docs" / "deadletters.md"
ENDED_BADLY = 1
BAD_USAGE = 2


class Bus:
    """The bus of one test, with the streams that a sensor makes, and the tool."""

    def __init__(self, url: str, stream: str) -> None:
        self.names = Names(stream, stream)
        self.environment = {"NATS_URL": url, "NATS_STREAM": stream, "NATS_SUBJECT_PREFIX": stream, "COLUMNS": "220"}
        self._config = BusConfig(servers=(url,))

    def run(self, work: Callable[[Client], Awaitable[Any]]) -> Any:
        """Do something with a connection of the test's own."""

        async def connected() -> Any:
            client = await nats.connect(self._config.servers[0])
            try:
                return await work(client)
            finally:
                await client.close()

        return asyncio.run(connected())

    def prepare(self) -> None:
        """Make the streams, and the consumer of one trigger's replays."""

        async def work(client: Client) -> None:
            js = client.jetstream()
            await prepare_deadletters(js, self.names, self._config)
            await prepare_replays(js, self.names, self._config)
            subject, name = self.names.replay("ns/orders", "workflow"), replayer("ns/orders", "workflow")
            await js.add_consumer(self.names.replays, durable_name=name, filter_subject=subject, ack_policy="explicit")

        self.run(work)

    def park(self, *letters: DeadLetter) -> None:
        """Put letters into the stream."""

        async def work(client: Client) -> None:
            js = client.jetstream(publish_async_max_pending=1000)
            for letter in letters:
                subject = self.names.deadletter(letter.kind, f"{letter.namespace}/{letter.owner}", letter.part)
                await js.publish_async(subject, letter.body, headers=write(letter))
            await js.publish_async_completed()

        self.run(work)

    def left(self, which: str = "deadletters") -> int:
        """Count what a stream holds."""

        async def work(client: Client) -> int:
            return int((await client.jetstream().stream_info(f"{self.names.stream}-{which}")).state.messages)

        return int(self.run(work))

    def tool(self, *arguments: str, answer: str = "", **environment: str) -> Result:
        """Call the tool."""
        result = CliRunner().invoke(app, ["deadletters", *arguments], env=self.environment | environment, input=answer)
        if result.exception and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result

    def listed(self, *arguments: str) -> list[int]:
        """Give the sequences that a selection means."""
        return [letter["sequence"] for letter in json.loads(self.tool("list", "-o", "json", *arguments).stdout)]


def letter(number: int, **over: Any) -> DeadLetter:
    """Make a letter of a sensor's trigger."""
    fields: dict[str, Any] = {
        "kind": "sensor",
        "namespace": "ns",
        "owner": "orders",
        "part": "workflow",
        "reason": "name_taken",
        "detail": f"order-{number} is somebody else's",
        "identity": f"{number}/",
        "body": dump(event(number)),
        "first": "2026-01-02T03:04:05Z",
        "last": "2026-01-02T03:04:06Z",
        "subject": "default.orders.created",
        "sequence": number,
    }
    return DeadLetter(**(fields | over))


def poison(number: int) -> DeadLetter:
    """Make a letter of an event source."""
    over = {"kind": "eventsource", "part": "created", "reason": "not_json", "detail": "no JSON", "body": b"\xffno json"}
    return letter(number, **over, headers={"Sqs-Message-Id": str(number)})


@pytest.fixture
def bus(nats_server: NatsServer, stream: str) -> Iterator[Bus]:
    """Give a bus with five letters: two of a trigger, one of another, one of another namespace, one of an event source."""
    bus = Bus(nats_server.url, stream)
    bus.prepare()
    bus.park(letter(1), poison(2), letter(3, part="other", reason="parameter"), letter(4, namespace="far"), letter(5))
    return bus


@pytest.mark.promise("I2")
@pytest.mark.parametrize(
    ("options", "sequences"),
    [
        ("", [1, 2, 3, 4, 5]),
        ("--sensor orders", [1, 3, 4, 5]),
        ("--sensor orders --namespace ns", [1, 3, 5]),
        ("--namespace ns --trigger workflow", [1, 5]),
        ("--trigger workflow", [1, 4, 5]),
        ("--eventsource orders", [2]),
        ("--event created", [2]),
        ("--reason parameter --reason not_json", [2, 3]),
        ("--reason name_taken --limit 2", [1, 4]),
        ("--since 1h", [1, 2, 3, 4, 5]),
        ("--until 1h", []),
        ("--since 2020-01-01T00:00:00Z --until 2020-01-02T00:00:00Z", []),
        ("3 9 1", [1, 3]),
        ("3 --reason name_taken", []),
    ],
)
def test_a_selection_means_these_letters(bus: Bus, options: str, sequences: list[int]) -> None:
    """Every filter, alone and together, and the exit code that says whether there are any."""
    assert bus.listed(*options.split()) == sequences
    assert bus.tool("list", *options.split()).exit_code == (0 if sequences else ENDED_BADLY)


def test_times_choose_by_when_a_letter_was_parked(bus: Bus) -> None:
    """What was parked before a moment and what was parked after it are told apart."""
    time.sleep(1.1)
    middle = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    bus.park(letter(6))
    assert bus.listed("--since", middle) == [6]
    assert bus.listed("--until", middle) == [1, 2, 3, 4, 5]


def test_the_list_is_a_table_with_counts(bus: Bus) -> None:
    """A person sees what, whose and why at one look, and how many of each."""
    output = bus.tool("list").stdout
    assert "order-5 is somebody else's" in output
    assert "5 letters:" in output
    assert "2  sensor ns/orders, workflow: name_taken" in output
    counted = json.loads(bus.tool("list", "--count", "-o", "json").stdout)
    assert {"from": "eventsource ns/orders", "part": "created", "reason": "not_json", "count": 1} in counted
    assert "order-5" not in bus.tool("list", "--count").stdout


def test_a_letter_is_shown_whole(bus: Bus) -> None:
    """Headers, reason and the event with its data decoded; the bytes as they came; what is not there is named."""
    shown = bus.tool("show", "1")
    assert shown.exit_code == 0
    assert '"body": "body 1"' in shown.stdout
    assert "name_taken" in shown.stdout
    (told,) = json.loads(bus.tool("show", "2", "--output", "json").stdout)
    assert told["headers"] == {"Sqs-Message-Id": "2"}
    assert bus.tool("show", "2", "--raw").stdout_bytes == b"\xffno json"
    missing = bus.tool("show", "9", "1")
    assert (missing.exit_code, "there is no letter 9" in missing.output) == (ENDED_BADLY, True)


@pytest.mark.promise("I2")
def test_purge_deletes_what_was_meant_and_nothing_else(bus: Bus) -> None:
    """A dry run deletes nothing, neither does a no; then by reason, by subject, by sequence, and everything."""
    assert bus.tool("purge", "--reason", "parameter", "--dry-run").exit_code == 0
    assert bus.tool("purge", "--reason", "parameter", answer="n\n").exit_code == ENDED_BADLY
    assert bus.left() == 5
    assert bus.tool("purge", "--reason", "parameter", answer="y\n").exit_code == 0
    assert bus.listed() == [1, 2, 4, 5]
    assert bus.tool("purge", "--namespace", "ns", "--sensor", "orders", "--yes").exit_code == 0
    assert bus.listed() == [2, 4]
    assert bus.tool("purge", "4", "--yes").exit_code == 0
    assert bus.listed() == [2]
    assert bus.tool("purge", "--all", "--yes").exit_code == 0
    assert bus.left() == 0
    assert bus.tool("purge", "--all", "--yes").exit_code == ENDED_BADLY


@pytest.mark.promise("I2")
def test_a_dry_run_of_replay_changes_nothing(bus: Bus) -> None:
    """It says what would go back and what would be refused, and touches neither letters nor replays."""
    done = bus.tool("replay", "--all", "--dry-run")
    assert "nothing was done; 2 letters would be replayed" in done.stdout
    assert "send it to the queue again" in done.stdout
    assert (done.exit_code, bus.left(), bus.left("replays")) == (ENDED_BADLY, 5, 0)
    assert bus.tool("replay", "1", "5", "--dry-run").exit_code == 0


@pytest.mark.promise("I2")
def test_a_replay_waits_for_a_sensor_that_does_not_run(bus: Bus) -> None:
    """The letters leave once the bus has their replays, which stay until their trigger takes them; nothing else moves."""
    done = bus.tool("replay", "--trigger", "workflow", "--namespace", "ns", "--yes")
    assert "2 letters replayed" in done.stdout
    assert "does not listen just now" in done.stdout
    assert (done.exit_code, bus.listed(), bus.left("replays")) == (0, [2, 3, 4], 2)


def test_a_way_back_that_is_full_ends_the_replay_and_keeps_the_letters(bus: Bus, monkeypatch: pytest.MonkeyPatch) -> None:
    """What did not fit is still a letter; the tool says so and ends with 1."""

    async def full(client: Client) -> None:
        js = client.jetstream()
        config = (await js.stream_info(bus.names.replays)).config
        config.max_msgs = 1
        await js.update_stream(config)

    bus.run(full)
    monkeypatch.setattr("argosy.deadletters.replay.PATIENCE", 0.5)
    done = bus.tool("replay", "1", "5", "--yes")
    assert (done.exit_code, "the way back takes no more" in done.stdout) == (ENDED_BADLY, True)
    assert (bus.left(), bus.left("replays")) == (4, 1)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ("purge", "say which letters are meant"),
        ("replay --yes", "say which letters are meant"),
        ("list --since yesterday", "neither a time"),
        ("list --sensor a --eventsource b", "choose one pair"),
        ("list --url http://x", "is none of"),
        ("list --stream absent", "is NATS_STREAM right?"),
        ("show x", "Invalid value"),
    ],
)
def test_bad_usage_ends_with_2(bus: Bus, arguments: str, said: str) -> None:
    """Nothing is done, and the fault is named."""
    done = bus.tool(*arguments.split())
    assert (done.exit_code, bus.left()) == (BAD_USAGE, 5)
    assert said in " ".join(done.output.split())


def test_no_bus_ends_with_2(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who asks a bus that is not there is told so within seconds, and with which address."""
    monkeypatch.setattr("argosy.deadletters.link.WITHIN", 0.5)
    done = Bus("nats://127.0.0.1:1", "default").tool("list")
    assert (done.exit_code, "no bus at nats://127.0.0.1:1" in done.output) == (BAD_USAGE, True)


def test_many_letters_take_no_more_memory_than_few(bus: Bus) -> None:
    """Ten times as many letters with bodies of 2 KB are listed in nearly the same memory: page by page, without the bodies."""
    bus.park(*(letter(number, body=b"x" * 2000) for number in range(10, 2_010)))
    few = _peak(bus)
    bus.park(*(letter(number, body=b"x" * 2000) for number in range(2_010, 20_010)))
    assert _peak(bus) < few + 10_000


def _peak(bus: Bus) -> int:
    """List all letters in a process of its own; gives its peak memory in KiB."""
    code = "import resource, sys; from argosy.cli import app; app(standalone_mode=False); "
    code += "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, file=sys.stderr)"
    command = [sys.executable, "-c", code, "deadletters", "list", "--output", "json"]
    done = subprocess.run(command, env=os.environ | bus.environment, capture_output=True, text=True, check=True)
    assert len(json.loads(done.stdout)) == bus.left()
    return int(done.stderr.split()[-1])


def test_the_page_in_the_docs_is_true(nats_server: NatsServer, stream: str) -> None:
    """Every command of docs/deadletters.md does something, from the first to the last."""
    bus = Bus(nats_server.url, stream)
    bus.prepare()
    bus.park(letter(1), poison(2), letter(3), letter(4, reason="parameter"))
    blocks = PAGE.read_text().split("```sh\n")[1:]
    commands = [line for block in blocks for line in block.split("```")[0].splitlines()]
    assert len(commands) > 10
    for command in commands:
        words = shlex.split(command)
        assert words[:2] == ["argosy", "deadletters"]
        is_nothing = "--until" in words
        done = bus.tool(*words[2:], answer="y\n")
        assert done.exit_code == (ENDED_BADLY if is_nothing else 0), (command, done.output)
