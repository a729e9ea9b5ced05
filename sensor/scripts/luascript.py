r"""Lua scripts, run by LuaJIT in a state of their own each and brought near to gopher-lua, which Argo Events uses.

The language is Lua 5.1 with `goto`; what LuaJIT reads otherwise is changed in the script first (`luasource`).
What stays different: frontier patterns are PUC Lua's, and the words of run-time errors LuaJIT's.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import lupa.luajit21 as lupa

from sensor.scripts import gojson
from sensor.scripts.frames import ScriptFailed
from sensor.scripts.lualibrary import LIBRARY
from sensor.scripts.luasource import as_gopher_reads

_LARGEST_INDEX = 1 << 26
_LARGEST_LIST = 1 << 22
_DEEPEST = 200


class Asking(NamedTuple):
    """Questions about a table that only Lua can answer."""

    is_array: Callable[[Any], bool]
    is_negative_zero: Callable[[Any, Any], bool]


class Lua:
    """The language, with a bound on the memory of one script."""

    def __init__(self, memory: int) -> None:
        self._memory = memory

    def transform(self, script: str, data: bytes) -> bytes:
        """Give the table that a script returns last, as JSON. Raises `ScriptFailed`."""
        result, asking = self._run(script, data)
        if lupa.lua_type(result) != "table":
            raise ScriptFailed("transformation script output type is not of lua table")
        return gojson.write(_from_lua(result, asking))

    def accepts(self, script: str, data: bytes) -> bytes:
        """Say `true` if that is what a script returns last. Raises `ScriptFailed`."""
        return b"true" if self._run(script, data)[0] is True else b"false"

    def _run(self, script: str, data: bytes) -> tuple[Any, Asking]:
        event = gojson.read_object(data) or {}
        runtime = lupa.LuaRuntime(
            encoding=None,
            unpack_returned_tuples=True,
            register_eval=False,
            register_builtins=False,
            attribute_filter=_deny,
            max_memory=self._memory,
        )
        try:
            run, *asking = runtime.execute(LIBRARY, _change_case, name=b"=library")
            runtime.globals()[b"event"] = runtime.table_from(_to_lua(event), recursive=True)
            ok, result = run(as_gopher_reads(script.encode("utf-8", "replace")))
        except (lupa.LuaError, MemoryError) as error:
            raise ScriptFailed(str(error) or "the script takes too much memory") from error
        if not ok:
            raise ScriptFailed(result.decode("utf-8", "replace") if isinstance(result, bytes) else str(result))
        return result, Asking(*asking)


def _deny(_owner: object, name: object, _setting: bool) -> object:  # noqa: FBT001 - the library calls it so
    raise AttributeError(f"no script reaches {name!r}")


def _change_case(text: bytes, upper: bool) -> bytes:  # noqa: FBT001 - Lua calls it
    """Change the case of each character that has another one, as Go does: one for one."""
    changed = []
    for character in text.decode("utf-8", "replace"):
        other = character.upper() if upper else character.lower()
        changed.append(other if len(other) == 1 else character)
    return "".join(changed).encode()


def _to_lua(value: Any, depth: int = 0) -> Any:  # noqa: ANN401 - any JSON value
    """Make a value ready for Lua, with Argo Events' losses: no nulls, and no lists inside of lists."""
    if depth > _DEEPEST:
        raise ScriptFailed(f"the event's data is nested more than {_DEEPEST} deep")
    if isinstance(value, str):
        return value.encode("utf-8", "replace")
    if isinstance(value, dict):
        return {_to_lua(key): _to_lua(item, depth + 1) for key, item in value.items() if item is not None}
    if isinstance(value, list):
        return [_to_lua(item, depth + 1) for item in value if item is not None and not isinstance(item, list)]
    return value


def _from_lua(table: Any, asking: Asking, depth: int = 0) -> Any:  # noqa: ANN401
    """Take a table from Lua. One with a positive whole index is a list, whatever else it holds."""
    if depth > _DEEPEST:
        raise ScriptFailed(f"the result is nested more than {_DEEPEST} deep, or holds itself")
    members = {key: _member(table, key, item, asking, depth) for key, item in table.items() if item is not None}
    indexes = [int(key) for key in members if _is_index(key)]
    if not indexes and not asking.is_array(table):
        return {_key(key): item for key, item in members.items()}
    if (length := max(indexes, default=0)) > _LARGEST_LIST:
        raise ScriptFailed(f"a list of {length} elements is too long")
    return [members.get(index) for index in range(1, length + 1)]


def _member(table: Any, key: Any, item: Any, asking: Asking, depth: int) -> Any:  # noqa: ANN401
    kind = lupa.lua_type(item)
    if kind == "table":
        return _from_lua(item, asking, depth + 1)
    if kind is not None:
        raise ScriptFailed(f"json: unsupported type: {kind}")
    # On its way to Python a zero loses its sign.
    return -0.0 if item == 0 and item is not False and asking.is_negative_zero(table, key) else item


def _is_index(key: object) -> bool:
    return isinstance(key, int | float) and not isinstance(key, bool) and key == int(key) and 0 < key < _LARGEST_INDEX


def _key(key: Any) -> bytes:  # noqa: ANN401
    if isinstance(key, bytes):
        return key
    if isinstance(key, bool):
        return b"true" if key else b"false"
    if isinstance(key, int | float):
        return gojson.number(key).encode()
    return str(lupa.lua_type(key)).encode()
