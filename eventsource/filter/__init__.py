"""`filter.expression` of an event source: the language of github.com/antonmedv/expr v1.15.5, answered as Go answers.

    passes = compile("body.id > 16 and body.name startsWith 'A'").passes
    passes(b'{"body": {"id": 17, "name": "Ada"}}')          True

The way of a text, file by file: `lexer`, `parser` (→ `nodes`), `checker` (with `types`, `signatures`), `optimizer`,
`compiler`. An event's data becomes an `environment`, and the compiled expression answers with the help of `operators`,
`access`, `methods`, `loops` and the `builtins`. `budget` bounds what one answer may cost.
"""

from eventsource.filter.errors import REASON, ExpressionError, FilterError
from eventsource.filter.expression import Filter, compile  # noqa: A004 - the name that the pair deserves

__all__ = ["REASON", "ExpressionError", "Filter", "FilterError", "compile"]
