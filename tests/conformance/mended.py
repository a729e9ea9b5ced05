"""Where Go's answer is a fault and ours is another on purpose: which answer is meant, asserted case by case.

The tags are those of the corpus (its README has the table). A case that carries a tag is mended only if our answer is the one
that is meant; one that merely differs is wrong.
"""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from common.subjects import is_token
from tests.conformance.areas import _discovery, _foreign, _triggers_k8s

Answer = Mapping[str, Any]
_NAME = re.compile(r"[\w-]+")


@dataclass(frozen=True)
class Case:
    """A case whose answers differ: `answer` runs our code on another input."""

    area: str
    faults: frozenset[str]
    given: Any
    expected: Answer
    got: Answer
    answer: Callable[[Any], Answer]

    @property
    def function(self) -> str:
        """What ran, in areas with several functions."""
        return str(self.given.get("function", ""))

    def refused(self, *words: str) -> bool:
        """Say whether ours is an error that says one of these words."""
        said = " ".join([str(self.got.get("error", "")), *self.got.get("faults", ())])
        return "error" in self.got and any(word in said for word in words)


@dataclass(frozen=True)
class Mend:
    """A fault that we do not copy, and the answer that is meant. `shows`: the fault is there though nobody tagged it."""

    tag: str
    reason: str
    meant: Callable[[Case], bool]
    shows: Callable[[Case], bool] = lambda _: False

    def is_meant(self, case: Case) -> bool:
        """Say whether the case shows the fault, and ours is the answer that is meant."""
        return (self.tag in case.faults or self.shows(case)) and self.meant(case)


def _without_the_absent(case: Case) -> bool:
    """Want what comes of the same case without the entries of dependencies that did not fire."""
    there = set(case.given.get("events") or {})

    def kept(value: Any) -> Any:  # noqa: ANN401 - any JSON
        if isinstance(value, dict):
            return {key: kept(each) for key, each in value.items()}
        if isinstance(value, list):
            return [kept(each) for each in value if not _absent(each, there)]
        return value

    return case.answer(kept(case.given)) == case.got and "error" not in case.got


def _absent(entry: Any, there: set[str]) -> bool:  # noqa: ANN401 - any JSON
    source = entry.get("src") if isinstance(entry, dict) else None
    return isinstance(source, dict) and source.get("dependencyName") not in there


def _passes(case: Case) -> bool:
    """Want the event to pass if another filter lets it: what Go's inner function had found, or true where that is not told."""
    if case.area == "pipeline":
        return bool(case.got["triggers"][0]["steps"][0]["runs"])
    return bool(case.got.get("result") is case.expected.get("inner", {}).get("result", True))


def _plain(case: Case) -> bool:
    """Want it refused; or where it consists of names, &&, || and parentheses, that each name counts."""
    if "error" in case.got:
        return "error" not in case.expected
    if case.function != "expression":
        return False
    text = case.given.get("conditions", "")
    names = _NAME.findall(text) or [dependency["name"] for dependency in case.given["dependencies"]]
    listened = {name.replace("-", "_") for name in case.got.get("names") or ()}
    return not _NAME.sub("", text).strip("&|() \t") and listened == {name.replace("-", "_") for name in names}


def _nothing_told(case: Case) -> bool:
    """Want a function that reads the environment refused by name; a script does not even have it."""
    if case.area == "transforms":
        told, by_go = json.loads(case.got["result"]), json.loads(case.expected["result"])
        other = [value for key, value in told.items() if value != by_go.get(key)]
        return bool(other) and set(other) == {"nil"}
    return case.refused("is refused")


def _empty_or_parked(case: Case) -> bool:
    """Want an empty body; where it has to be JSON, that is a bad message, which is parked and then deleted."""
    data = case.got.get("data")
    empty = data is None if case.given["sqs"].get("jsonBody") else b'"body":""' in (data or b"")
    return empty and bool(case.got.get("deleted"))


def _discovered(case: Case) -> bool:
    """Want the API server's own plural, or that it has no such kind."""
    if case.function == "k8s":
        return _triggers_k8s.as_discovered(case)
    known = _discovery.plural(case.given["apiVersion"], case.given["kind"]) if case.function == "resource" else None
    return case.got.get("resource") == known if known else case.refused("the API server knows no", "no apiVersion or no kind")


def _unserved(case: Case) -> bool:
    return case.function == "resource" and _discovery.plural(case.given["apiVersion"], case.given["kind"]) is None


def _kept(case: Case) -> bool:
    return case.got["deletedDurables"] == [] and _joins_on(case)


def _joins_on(case: Case) -> bool:
    """Say whether what waits is just what waited at triggers that still join."""
    joins = {
        template["name"]
        for trigger in case.given["new"]["spec"]["triggers"]
        if "&&" in ((template := trigger["template"]).get("conditions") or "&&")
    }
    return sorted(case.got["keys"]) == sorted(key for key in case.given["saved"] if key.partition("/")[0] in joins)


def _refused_at_once(case: Case) -> bool:
    return "error" in case.got and "attempts" not in case.got


def _foreign_kinds(case: Case) -> set[str]:
    return _foreign.named(case.given["kind"], case.given["document"]) if case.area == "validation" else set()


def _bad_subject(case: Case) -> bool:
    spec = case.given["document"].get("spec") or {} if case.area == "validation" else {}
    return any(not is_token(name) for name in spec.get("sqs") or {})


def anything(_: Case) -> bool:
    """Want an answer, whichever."""
    return True


MENDED = (
    Mend("F2", "a filter that cannot be evaluated is an error; the message is not lost", lambda case: "error" in case.got),
    Mend("F4", "an entry of a dependency that did not fire is left out; Go crashes", _without_the_absent),
    Mend("F5", "the policy looks at the object; Go's always fails", lambda case: "error" not in case.got),
    Mend(
        "F6",
        "a Workflow that was submitted is a success; Go looks for one of another name",
        lambda case: "error" not in case.got and _triggers_k8s.same_argo(case.expected, case.got, case.given),
    ),
    Mend("F8", "with `or` a failing filter does not take the event from one that lets it pass", _passes),
    Mend("F12", "a condition that cannot be read is refused; in Go the trigger never subscribes", _plain),
    Mend("F14", "a message without a body is one with an empty body; Go's listener is dead for good", _empty_or_parked),
    Mend("F17", "a limit of zero is refused; Go divides by it", lambda case: case.refused("requestsPerUnit")),
    Mend("F19", "the API server tells the plural of a kind; Go guesses it", _discovered, _unserved),
    Mend(
        "no kind",
        "an object without a kind is refused at the start; Go sends it to nowhere",
        lambda case: case.refused("no apiVersion or no kind"),
        lambda case: case.function == "k8s" and any(a["resource"].endswith("/") for a in case.expected.get("actions") or ()),
    ),
    Mend(
        "bad policy",
        "a malformed backoff of a policy is refused at the start; in Go each firing fails when it is done",
        lambda case: case.refused("policy.k8s.backoff"),
        lambda case: case.function in {"k8s", "argoWorkflow"} and "policyError" in case.expected,
    ),
    Mend(
        "foreign flag",
        "a flag that the operation does not have is refused by name at the start; Go lets the command fail",
        lambda case: case.refused(*_triggers_k8s.foreign_flags(case.given)),
        lambda case: case.function == "argoWorkflow" and bool(_triggers_k8s.foreign_flags(case.given)),
    ),
    Mend("F20", "a patch that can never work is refused", lambda case: case.refused("patchStrategy")),
    Mend("F27", "nothing reads the pod's environment", _nothing_told),
    Mend(
        "F30",
        "a name that can be no token of a subject is refused; Go's event source never gets anything onto the bus",
        lambda case: case.refused("part of a subject on the bus"),
        _bad_subject,
    ),
    Mend("F31", "a name outside the alphabet of keys is refused", lambda case: case.refused("cannot name a")),
    Mend("F16", "what waits at a trigger that left, or joins no more, is let go; Go keeps it for ever", _joins_on),
    Mend("F36", "a changed document keeps its consumers, and the events that wait; Go deletes them", _kept),
    Mend("F53", "a malformed retryStrategy is refused; in Go the trigger never runs", _refused_at_once),
    Mend("F56", "two dependencies of one name are refused", lambda case: case.refused("duplicate dependency name")),
    Mend("F62", "`a-b` and `a_b` beside each other are refused", lambda case: case.refused("are one name in conditions")),
    Mend("P1", "a number beyond int64 becomes whatever the machine makes of it", anything),
    Mend("U1", "the document is not JSON, and is refused before it gets this far", anything),
    Mend("X1", "a bus message `null` is unreadable; Go crashes", lambda case: case.refused("no CloudEvent")),
    Mend("X2", "a secure header without a source is refused; Go crashes", lambda case: case.refused("secureHeaders")),
    Mend("X3", "conditions are names, &&, || and parentheses; the rest of Go's expression language is refused", _plain),
    Mend(
        "foreign kind",
        "a kind that Argosy does not have is refused by name, whatever Go says",
        lambda case: case.refused(*_foreign_kinds(case)),
        lambda case: bool(_foreign_kinds(case)),
    ),
)
"""All faults that are mended, by tag."""
