"""The builtins of the language: antonmedv/expr v1.15.5, builtin."""

PREDICATES = frozenset(
    (
        "all", "none", "any", "one", "filter", "map", "count", "find", "findIndex", "findLast", "findLastIndex", "groupBy",
        "reduce",
    )
)  # fmt: skip
"""Those that take a closure."""

BUILTINS = PREDICATES | frozenset(
    (
        "len", "type", "abs", "ceil", "floor", "round", "int", "float", "string", "trim", "trimPrefix", "trimSuffix", "upper",
        "lower", "split", "splitAfter", "replace", "repeat", "join", "indexOf", "lastIndexOf", "hasPrefix", "hasSuffix",
        "max", "min", "sum", "mean", "median", "toJSON", "fromJSON", "toBase64", "fromBase64", "now", "duration", "date",
        "first", "last", "get", "take", "keys", "values", "toPairs", "fromPairs", "sort", "sortBy",
    )
)  # fmt: skip
"""All of them."""
