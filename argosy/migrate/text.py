"""Values as YAML that Helm reads back as they were: Go's library takes more plain scalars for numbers than PyYAML's."""

import re
from typing import Any

import yaml

_LOOKS_LIKE_MORE = re.compile(
    r"(?:[-+]?(?:[0-9][0-9_]*)?\.?[0-9][0-9_]*(?:[eE][-+]?[0-9]+)?|[-+]?0[box]?[0-9a-fA-F_]+|[-+]?\.?(?:inf|nan)|[yYnN])",
    re.IGNORECASE,
)


class _Dumper(yaml.SafeDumper):
    """Blocks for texts of several lines, quotes where somebody may see a number, no anchors."""

    def ignore_aliases(self, data: Any) -> bool:  # noqa: ANN401, ARG002 - as PyYAML has it
        """Write each value out."""
        return True

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:  # noqa: ARG002, FBT001, FBT002 - same
        """Indent the items of lists, as the chart's own values are."""
        super().increase_indent(flow, indentless=False)


def _string(dumper: _Dumper, text: str) -> yaml.ScalarNode:
    style = "|" if "\n" in text else '"' if _LOOKS_LIKE_MORE.fullmatch(text) else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Dumper.add_representer(str, _string)


def dump(values: dict[str, Any]) -> str:
    """Write the values, in the order in which they are given."""
    return yaml.dump(values, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=1_000_000)
