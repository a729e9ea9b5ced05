r"""Paths into JSON text: reading as gjson 1.19 does it, writing as sjson 1.2.5 does it, both without a JSON parser.

Users' parameters, filters and payloads name values by such paths, so the answers have to be those of the Go libraries:
numbers keep their text, untouched bytes and the order of keys stay. What a path may hold: dots, escapes, indexes, `#`,
`#.x`, queries `#(a==1)` and `#(a==1)#`, wildcards, pipes, multipaths `{a,b}` and `[a,b]`, literals `!1`, modifiers `@this`.

    path = compile_path("body.items.#(n==1).price")             once; the same path is compiled once anyway
    result = get(data, path)                                    a `Result`: exists, kind, text, raw, bool, float, value
    target = compile_target("spec.arguments.parameters.0.value")
    document = target.put(document, "any text")                 or `put_raw` for JSON as it is; may raise `PathError`

One file, one job: `scan` finds where values end, `parse` cuts paths, `path` compiles them, `read` walks a document,
`queries`, `modifiers`, `multipath` and `pretty` are what their names say, `lenient` reads what is no JSON, `write`
sets values.
"""

from sensor.paths.modifiers import valid
from sensor.paths.path import Path, compile_path
from sensor.paths.read import get
from sensor.paths.result import MISSING, Kind, Result
from sensor.paths.write import PathError, Target, compile_target

__all__ = ["MISSING", "Kind", "Path", "PathError", "Result", "Target", "compile_path", "compile_target", "get", "valid"]
