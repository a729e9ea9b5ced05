"""Go's text/template with the functions of sprig, as Argo Events runs it over the data of an event.

    template = compile("{{ .Input.name | upper }}")         once; raises `TemplateError` with line and column
    template.render(b'{"name": "ada"}')                     "ADA"; the document is `.Input`
    template.render_value("ada")                            the same for a value instead of a document

It runs in this process, and cannot leave it: no file, network or environment (see `common.sprig`), and no more output, steps
and time than `Limits` says. Whatever goes wrong is a `TemplateError`.

`lexer` cuts the text, `parser` builds `nodes` of it with `constants`, `walk` writes them, `values` reckons pipelines with the
functions of `builtins` and `common.sprig`, `limits` counts.
"""

from sensor.templates.errors import TemplateError
from sensor.templates.limits import Limits
from sensor.templates.template import Template, compile, render  # noqa: A004 - as in `re`

__all__ = ["Limits", "Template", "TemplateError", "compile", "render"]
