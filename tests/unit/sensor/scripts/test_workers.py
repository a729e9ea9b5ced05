"""Worker processes: they answer, they are killed when they must be, and they leave nothing behind."""

import asyncio
import contextlib
import os
import signal
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from common.errors import ConfigurationError, Rejected
from sensor.scripts import ScriptFailed, Workers, require, workers

ENDLESS = "while true do end"


@pytest.fixture
async def pool() -> AsyncIterator[Workers]:
    """Give a pool with little patience."""
    async with Workers(processes=2, seconds=1, megabytes=96) as found:
        yield found


def children() -> set[int]:
    """Name the processes that this one has started."""
    tasks = Path(f"/proc/{os.getpid()}/task").glob("*/children")
    return {int(pid) for task in tasks for pid in task.read_text(encoding="ascii").split()}


def is_worker(pid: int) -> bool:
    """Say whether the process is there and runs scripts."""
    with contextlib.suppress(FileNotFoundError, ProcessLookupError):
        return b"sensor.scripts.worker" in Path(f"/proc/{pid}/cmdline").read_bytes()
    return False


async def test_nothing_starts_before_the_first_script() -> None:
    """A sensor without scripts pays nothing for them."""
    before = children()
    async with Workers():
        assert children() == before


async def test_programs_of_both_languages_run(pool: Workers) -> None:
    """The same process serves both."""
    assert await pool.run("jq", "{b: .a, a: 1}", b'{"a": 1.50}') == b'{"a":1,"b":1.5}'
    assert await pool.run("lua", "return {s = event.s:upper()}", '{"s": "é<"}'.encode()) == '{"s":"É\\u003c"}'.encode()
    assert await pool.accepts("return event.n > 1", b'{"n": 2}')
    assert not await pool.accepts("return 1", b"{}")


async def test_many_at_once_share_the_few_processes(pool: Workers) -> None:
    """Who finds no free process waits for one."""
    before = children()
    answers = await asyncio.gather(*(pool.run("lua", "return {n = event.n}", b'{"n": %d}' % n) for n in range(20)))
    assert answers == [b'{"n":%d}' % n for n in range(20)]
    assert len(children() - before) <= 2


@pytest.mark.parametrize(
    ("language", "program"),
    [("lua", ENDLESS), ("jq", "def f: f; f"), ("lua", 'return {("a"):rep(50000):find((".-"):rep(20) .. "b")}')],
)
async def test_a_program_that_hangs_is_killed_and_the_next_one_runs(pool: Workers, language: str, program: str) -> None:
    """The event is parked under a reason of its own; nobody else waits for it."""
    with pytest.raises(Rejected) as caught:
        await pool.run(language, program, b"{}")
    assert caught.value.reason == "script_timeout"
    assert await pool.run("jq", "{}", b"{}") == b"{}"


@pytest.mark.parametrize(
    ("language", "program"),
    [
        ("lua", 'return {("x"):rep(1e9)}'),
        ("lua", "local t = {} for i = 1, 1e9 do t[i] = ('x'):rep(1000) .. i end"),
        ("jq", '{x: ("x" * 1e9)}'),
        ("jq", "def f: {a: f}; f"),
        ("lua", "local function f() return f() + 1 end return {f()}"),
        ("lua", "local t = {} t.t = t return t"),
    ],
)
async def test_a_program_that_takes_too_much_memory_ends_alone(pool: Workers, language: str, program: str) -> None:
    """The pod lives on, and so does the next script."""
    with pytest.raises((ScriptFailed, Rejected)):
        await pool.run(language, program, b"{}")
    assert await pool.run("jq", "{}", b"{}") == b"{}"


async def test_giving_up_waiting_frees_the_process(pool: Workers) -> None:
    """A cancelled question takes its process along: its answer belongs to nobody."""
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(pool.run("lua", ENDLESS, b"{}")) for _ in range(4)]
        await asyncio.sleep(0.4)
        for task in tasks:
            task.cancel()
    assert await pool.run("lua", "return {n = 1}", b"{}") == b'{"n":1}'


async def test_a_killed_process_is_replaced(pool: Workers) -> None:
    """The kernel may take any of them."""
    before = children()
    await pool.run("jq", "{}", b"{}")
    for pid in children() - before:
        os.kill(pid, signal.SIGKILL)
    with pytest.raises(Rejected) as caught:
        await pool.run("jq", "{}", b"{}")
    assert caught.value.reason == "script_died"
    assert await pool.run("jq", "{}", b"{}") == b"{}"


async def test_closing_leaves_no_process_behind() -> None:
    """They end with the sensor."""
    before = children()
    async with Workers() as pool:
        await pool.run("jq", "{}", b"{}")
        assert children() - before
    assert children() == before


async def test_a_worker_ends_when_its_sensor_is_gone() -> None:
    """Even if the sensor is killed and the script never ends: an alarm of the kernel sees to it."""
    program = (
        "import asyncio, os, sys\nfrom sensor.scripts import Workers\n"
        "async def main():\n    pool = Workers(seconds=0.5)\n    await pool.run('jq', '{}', b'{}')\n"
        "    async with asyncio.TaskGroup() as group:\n"
        f"        group.create_task(pool.run('lua', {ENDLESS!r}, b'{{}}'))\n        await asyncio.sleep(0.2)\n"
        "        pid = pool_pid()\n        print(pid, flush=True)\n        os.kill(os.getpid(), 9)\n"
        "def pool_pid():\n    import pathlib\n"
        "    return pathlib.Path(f'/proc/{os.getpid()}/task/{os.getpid()}/children').read_text().split()[0]\n"
        "asyncio.run(main())\n"
    )
    sensor = await asyncio.create_subprocess_exec(sys.executable, "-c", program, stdout=asyncio.subprocess.PIPE)
    assert sensor.stdout is not None
    pid = int(await sensor.stdout.readline())
    await sensor.wait()
    deadline = time.monotonic() + 10
    while is_worker(pid):
        assert time.monotonic() < deadline
        await asyncio.sleep(0.1)


async def test_scripts_see_nothing_of_the_pod(pool: Workers, monkeypatch: pytest.MonkeyPatch) -> None:
    """No environment, no files, no processes, no way into Python (fault F27)."""
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    assert await pool.run("jq", "{e: (env | length), d: ($ENV | length)}", b"{}") == b'{"d":0,"e":0}'
    names = "io package debug require dofile loadfile module python ffi jit bit os.execute os.getenv os.exit os.remove"
    script = "local found = {} " + " ".join(f"found['{name}'] = type({name})" for name in names.split()) + " return found"
    assert set((await pool.run("lua", script, b"{}")).split(b'"')[3::4]) == {b"nil"}
    for attempt in ("getmetatable(('x').upper)", "loadstring('\\27LJ')", "string.dump(function() end)"):
        assert b"true" not in await pool.run("lua", f"return {{ok = pcall(function() return {attempt}.x end)}}", b"{}")
    await pool.run("lua", "getfenv(0).string.upper = nil; print('noise'); return {}", b"{}")
    assert await pool.run("lua", "return {s = ('x'):upper()}", b"{}") == b'{"s":"X"}'


def test_a_language_that_is_not_installed_is_named_at_load(monkeypatch: pytest.MonkeyPatch) -> None:
    """Both are extras: a document that uses one says so before the first event."""
    require("jq", "spec.dependencies[0].transform.jq")
    monkeypatch.setitem(workers._MODULES, "lua", "no_such_module")
    with pytest.raises(ConfigurationError) as caught:
        require("lua", "spec.dependencies[0].filters.script")
    assert str(caught.value).startswith("spec.dependencies[0].filters.script: needs the Python package")
