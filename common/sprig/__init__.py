"""The functions of sprig 3.3, which Argo Events offers to templates and, as `sprig.<name>`, to filter expressions.

    FUNCTIONS["trunc"](5, "hello world")        "hello"
    functions(ambient)                          the same with another clock, other chance, or the environment let in

Values are those of `values`: JSON as Python has it with every number a float, a Go `int` an int, an `int64` an `Int64`.
A function takes just the types that the Go one takes, and raises nothing but `SprigError`. It touches no file, no network
and no process: `env`, `expandenv` and `getHostByName` are refused by name unless the `Ambient` brings them.

Times, lengths of time and versions have methods: `method(value, "Year")` is a `Function` as well, or None.

`values` and `function` are the ground; `numbers`, `quoting`, `verbs`, `printing` and `printf` print as Go does; `moments`,
`layouts`, `dateparse` and `durations` know about time, `versions` and `aes` about what their names say; then a file a family.
"""

from common.sprig.ambient import SYSTEM, Ambient
from common.sprig.function import Function, assign
from common.sprig.methods import method
from common.sprig.registry import functions
from common.sprig.values import Int64, Map, Sized, Slice, SprigError, Struct, type_of

FUNCTIONS = functions(SYSTEM)

__all__ = [
    "FUNCTIONS",
    "SYSTEM",
    "Ambient",
    "Function",
    "Int64",
    "Map",
    "Sized",
    "Slice",
    "SprigError",
    "Struct",
    "assign",
    "functions",
    "method",
    "type_of",
]
