"""Templates: text/template with sprig over `{"Input": <json>}`, as the template step of parameters runs it."""

from typing import Any

from sensor.templates import TemplateError, compile  # noqa: A004 - as in `re`
from tests.conformance.harness import Answer, Area

_NOTHING = frozenset({"", "<no value>"})


def run(given: Any) -> Answer:  # noqa: ANN401
    """Render one template; a result that says nothing is an error."""
    text = compile(given["template"]).render(given["json"])
    if text in _NOTHING:
        raise TemplateError("the template gives nothing")
    return {"result": text}


def same(expected: Answer, got: Answer, _: Any) -> bool:  # noqa: ANN401
    """Compare texts exactly."""
    return bool(expected["result"] == got["result"])


AREA = Area(run, same, refusals=(TemplateError,))
