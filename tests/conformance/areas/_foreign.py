"""What Argosy does not have: documents that ask for it are refused by name, whatever Go says."""

from typing import Any

_OUR_FIELDS = frozenset({"sqs", "template", "service", "replicas", "eventbusname", "argosy"})
_NO_KINDS = frozenset({"name", "conditions", "conditionsreset"})
_OUR_KINDS = frozenset({"k8s", "argoworkflow", "http", "nats", "log"})
_SOURCES = frozenset({"s3", "git", "url"})


def named(kind: str, document: Any) -> set[str]:  # noqa: ANN401 - any JSON
    """Give what a refusal has to say, one of these: the foreign kinds of a document with their place; empty if it has none."""
    spec = document.get("spec") or {}
    if kind == "EventSource":
        return {f"spec.{key}" for key in spec if key.lower() not in _OUR_FIELDS}
    triggers = spec.get("triggers") or []
    templates = [trigger.get("template") or {} for trigger in triggers if isinstance(trigger, dict)]
    return {said for template in templates if template for said in _named(template)}


def _named(template: Any) -> set[str]:  # noqa: ANN401 - any JSON
    kinds = {key for key in template if key.lower() not in _NO_KINDS}
    if not kinds:
        return {"could not find an implementation"}
    sources = [template[kind].get("source") or {} for kind in kinds & {"k8s", "argoWorkflow"}]
    return {
        *(f"template.{key}" for key in kinds if key.lower() not in _OUR_KINDS),
        *(f"source.{part}" for source in sources for part in source if part in _SOURCES),
    }
