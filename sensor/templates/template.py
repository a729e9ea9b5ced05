"""Compile a template once, render it for any number of documents."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from types import MappingProxyType
from typing import Any

from common.sprig import FUNCTIONS, SYSTEM, Ambient, Function, functions
from common.sprig.values import decode, encode
from sensor.paths.result import parse as read
from sensor.templates.builtins import BUILTINS
from sensor.templates.errors import Fault, TemplateError
from sensor.templates.limits import Budget, Limits
from sensor.templates.nodes import Body
from sensor.templates.parser import MAIN, parse
from sensor.templates.walk import Walker

_STRAY = re.compile("[\ud800-\udfff]")
_LONGEST = 1 << 20
_DEFAULT: Mapping[str, Function] = MappingProxyType({**BUILTINS, **FUNCTIONS})
_LIMITS = Limits()


@dataclass(frozen=True, slots=True)
class Template:
    """A template, read and ready. `bodies` is by name; it knows what text it was made of for the places in errors."""

    text: str
    bodies: Mapping[str, Body] = field(repr=False)
    ambient: Ambient = field(default=SYSTEM, repr=False)
    limits: Limits = field(default=_LIMITS, repr=False)

    def render(self, document: bytes | str) -> str:
        """Give what the template makes of a JSON document, which it sees as `.Input`. Raises `TemplateError`."""
        return self.render_value(read(document.encode() if isinstance(document, str) else document).value)

    def render_value(self, value: Any) -> str:  # noqa: ANN401 - any JSON value
        """Do the same for a value: what JSON holds, with every number a float."""
        dot, out = {"Input": value}, list[str]()
        try:
            Walker(self.bodies, out, Budget(self.limits, self.ambient.tick), dot).body(dot, self.bodies[MAIN])
        except Fault as fault:
            raise fault.in_text(self.text) from fault
        except RecursionError as error:
            raise TemplateError("the template or its document is nested too deeply") from error
        text = "".join(out)
        # What is no UTF-8 cannot stand in a document; Go's JSON puts U+FFFD in its place as well.
        return text if text.isascii() else _STRAY.sub("�", decode(encode(text)))


def compile(text: str, *, ambient: Ambient = SYSTEM, limits: Limits = _LIMITS) -> Template:  # noqa: A001 - as in `re`
    """Read a template. Raises `TemplateError` with the place of what is wrong."""
    if len(text) > _LONGEST:
        raise TemplateError(f"the template is longer than {_LONGEST} characters")
    text = _STRAY.sub("�", text)
    known = _DEFAULT if ambient is SYSTEM else {**BUILTINS, **functions(ambient)}
    try:
        return Template(text, parse(text, known), ambient, limits)
    except Fault as fault:
        raise fault.in_text(text) from fault
    except RecursionError as error:
        raise TemplateError("the template is nested too deeply") from error


@lru_cache(maxsize=1024)
def _compiled(text: str) -> Template | TemplateError:
    try:
        return compile(text)
    except TemplateError as error:
        return error


def render(template: str, document: bytes) -> str:
    """Render the text of a template; the same text is compiled once. Raises `TemplateError`."""
    compiled = _compiled(template)
    if isinstance(compiled, TemplateError):
        raise TemplateError(compiled.why, compiled.line, compiled.column)
    return compiled.render(document)
