"""Where documents decode base64: Argo Events gives `body` as base64, Argosy as the text of the message."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from common.documents import path

_DECODES = re.compile(
    r"\bb64dec\b"  # sprig, in templates of triggers and of Workflows
    r"|@base64d\b"  # jq
    r"|\bfromBase64\b"  # expressions of event sources and of Workflows
    r"|\bbase64\s+(?:-d\b|-D\b|--decode\b)"  # shells
    r"|\bb64decode\b|\batob\s*\("  # scripts in Python and JavaScript
)


def hints(document: Mapping[Any, Any]) -> tuple[str, ...]:
    """Tell of every text below `spec` that decodes base64: it may get the text itself."""
    return tuple(
        f"{place}: decodes base64 ({found}); without jsonBody `body` is plain text here, unless the event source has "
        "EVENTSOURCE_BODY_ENCODING=base64"
        for place, found in _found(document.get("spec"), ("spec",))
    )


def _found(value: Any, parts: tuple[str | int, ...]) -> Iterator[tuple[str, str]]:  # noqa: ANN401 - any YAML
    if isinstance(value, str):
        match = _DECODES.search(value)
        if match:
            yield path(parts), match[0].strip("( ")
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _found(inner, (*parts, str(key)))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from _found(inner, (*parts, index))
