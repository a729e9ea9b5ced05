"""Every rule that a document must fulfil, with the place of its fault."""

# ruff: noqa: ANN401 - documents, and what is changed in them, are any JSON

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.errors import ConfigurationError
from common.subjects import Names
from sensor import plan, rules
from sensor.spec import OTHER_KINDS
from sensor.triggers import Surroundings
from tests.fakes_sensor import FakeCluster
from tests.unit.sensor.sensors import dlq, patch, sensor


def faults(written: dict[str, Any]) -> tuple[str, ...]:
    """Give what is wrong with a document."""
    with pytest.raises(ConfigurationError) as refused:
        rules.read(written)
    return refused.value.faults


@pytest.mark.promise("I3", "I6")
@pytest.mark.parametrize(
    ("trigger", "fault"),
    [
        ({"template": {"name": "a b"}}, "spec.triggers[0].template.name: 'a b' cannot name a trigger"),
        ({"template": {"name": "a/b"}}, "spec.triggers[0].template.name: 'a/b' cannot be the value of a label"),
        ({"template": {"conditions": "x"}}, "spec.triggers[0].template.conditions: column 1: 'x' is not among"),
        ({"template": {"k8s": None}}, "spec.triggers[0].template: invalid trigger t, could not find an implementation"),
        ({"template": {"slack": {}}}, "spec.triggers[0].template.slack: this version of Argosy does not support"),
        ({"template": {"argosy": {"mqtt": {}}}}, "spec.triggers[0].template.argosy.mqtt: no plug-in here brings"),
        ({"template": {"http": {}}}, "spec.triggers[0].template.http.url: template t is invalid, server URL is not"),
        ({"template": {"http": {"url": "x", "method": "get"}}}, "spec.triggers[0].template.http.method: template t is"),
        ({"template": {"http": {"url": "x", "payload": [{}]}}}, "spec.triggers[0].template.http.payload[0].src: "),
        ({"template": {"http": {"url": "x", "timeout": "5"}}}, "spec.triggers[0].template.http.timeout: "),
        ({"template": {"nats": {"url": "u", "subject": "s"}}}, "spec.triggers[0].template.nats.payload: template t is"),
        ({"template": {"nats": {"subject": "s", "payload": []}}}, "spec.triggers[0].template.nats.url: template t is"),
        ({"template": {"argoWorkflow": {"operation": "submit"}}}, "spec.triggers[0].template.argoWorkflow.source: "),
        ({"template": {"argoWorkflow": {"source": {}}}}, "spec.triggers[0].template.argoWorkflow.operation: template t"),
        ({"template": {"k8s": patch("application/json-patch+json")}}, "spec.triggers[0].template.k8s.patchStrategy: "),
        ({"template": {"k8s": patch("text/plain")}}, "spec.triggers[0].template.k8s.patchStrategy: "),
        ({"template": {"k8s": {"source": {"git": {"url": "u"}}}}}, "spec.triggers[0].template.k8s.source.git: this version"),
        ({"template": {"conditionsReset": [{}]}}, "spec.triggers[0].template.conditionsReset[0]: invalid conditionsReset"),
        (
            {"template": {"conditionsReset": [{"byTime": {"cron": "@daily"}}]}},
            'spec.triggers[0].template.conditionsReset[0].byTime.cron: invalid cron expression "@daily"',
        ),
        (
            {"template": {"conditionsReset": [{"byTime": {"cron": "* * * * *", "timezone": "Mars/Base"}}]}},
            'spec.triggers[0].template.conditionsReset[0].byTime.timezone: invalid timezone "Mars/Base"',
        ),
        ({"retryStrategy": {"duration": "10"}}, "spec.triggers[0].retryStrategy.duration: '10' is no duration"),
        ({"retryStrategy": {"duration": "9999999h"}}, "spec.triggers[0].retryStrategy.duration: '9999999h' is no duration"),
        ({"retryStrategy": {"duration": 2**63}}, "spec.triggers[0].retryStrategy.duration: nanoseconds"),
        ({"retryStrategy": {"factor": "2"}}, "spec.triggers[0].retryStrategy.factor: a number is wanted"),
        ({"policy": {"k8s": {}}}, "spec.triggers[0].policy.k8s.labels: resource labels are not specified"),
        ({"policy": {"k8s": {"labels": {}, "backoff": {"duration": "1d"}}}}, "spec.triggers[0].policy.k8s.backoff.duration: "),
        ({"rateLimit": {"unit": "Minute"}}, "spec.triggers[0].rateLimit.requestsPerUnit: required, and not 0"),
        ({"rateLimit": {"requestsPerUnit": 1.5}}, "spec.triggers[0].rateLimit.requestsPerUnit: "),
        ({"dlqTrigger": dlq()}, "spec.triggers[0].atLeastOnce: to use dlqTrigger, trigger.atLeastOnce must be set"),
        ({"atLeastOnce": True, "dlqTrigger": dlq() | {"atLeastOnce": False}}, "spec.triggers[0].dlqTrigger.atLeastOnce: "),
        ({"atLeastOnce": True, "dlqTrigger": {"atLeastOnce": True}}, "spec.triggers[0].dlqTrigger.template: trigger template"),
        ({"atLeastOnce": True, "dlqTrigger": dlq(rateLimit={})}, "spec.triggers[0].dlqTrigger.rateLimit.requestsPerUnit: "),
        (
            {"atLeastOnce": True, "dlqTrigger": dlq(template={"name": "x"})},
            "spec.triggers[0].dlqTrigger.template: invalid trigger x, could not find an implementation",
        ),
        ({"argosy": {"maxActive": 0}}, "spec.triggers[0].argosy.maxActive: "),
        ({"argosy": {"maxActive": "3"}}, "spec.triggers[0].argosy.maxActive: "),
        (
            {"template": {"k8s": None, "log": {}}, "argosy": {"maxActive": 3}},
            "spec.triggers[0].argosy.maxActive: only for a trigger that creates Workflows",
        ),
        ({"argosy": {"startFrom": "yesterday"}}, "spec.triggers[0].argosy.startFrom: "),
    ],
    ids=lambda value: str(value)[:30],
)  # fmt: skip
def test_each_fault_has_its_place(trigger: dict[str, Any], fault: str) -> None:
    """What the Go sensor takes and then does not do, and what this version cannot do, is refused with its path."""
    assert any(found.startswith(fault) for found in faults(sensor(**trigger))), faults(sensor(**trigger))


@pytest.mark.parametrize(
    ("dependencies", "fault"),
    [
        ([{"name": "a.b"}], "spec.dependencies[0].name: 'a.b' cannot name a dependency"),
        ([{"name": "Expression"}], "spec.dependencies[0].name: 'Expression' cannot name"),
        ([{"name": "a"}, {"name": "a"}], "spec.dependencies[1].name: duplicate dependency name: a"),
        ([{"name": "a-b"}, {"name": "a_b"}], "spec.dependencies[1].name: 'a_b' and 'a-b' are one name in conditions"),
        ([{"eventName": "a.b"}], "spec.dependencies[0].eventName: 'a.b' cannot be part of a subject"),
        ([{"filters": {"exprs": [{}]}}], "spec.dependencies[0].filters.exprs[0]: one of expr filters is not valid"),
        ([{"transform": {"jq": 1}}], "spec.dependencies[0].transform.jq: Input should be a valid string"),
    ],
    ids=lambda value: str(value)[:30],
)  # fmt: skip
def test_faults_of_dependencies_have_their_places(dependencies: list[dict[str, Any]], fault: str) -> None:
    """Names that cannot work, twins, and what is not built yet."""
    written = sensor()
    good = written["spec"]["dependencies"][0]
    written["spec"]["dependencies"] = [good | changes for changes in dependencies]
    assert any(found.startswith(fault) for found in faults(written)), faults(written)


def test_all_faults_come_at_once() -> None:
    """Nobody likes to mend a document one fault at a time."""
    assert len(faults({"metadata": {}, "spec": {}})) == 3


def test_what_has_no_effect_here_is_accepted() -> None:
    """Fields of the controller, and those that are always so with us."""
    written = sensor(atLeastOnce=True, retryStrategy={"steps": 3})
    written["spec"] |= {
        "template": {"serviceAccountName": "x"}, "eventBusName": "b", "replicas": 2, "revisionHistoryLimit": 1,
        "errorOnFailedRound": True, "loggingFields": {"a": "b"},
    }  # fmt: skip
    assert rules.read(written).warnings == ()


def test_unknown_fields_are_warned_about() -> None:
    """A misplaced field, which Argo Events drops silently, is told with its path."""
    assert rules.read(sensor(template={"atLeastOnce": True})).warnings == (
        "spec.triggers[0].template.atLeastOnce: unknown field, ignored",
    )


@pytest.mark.promise("I6")
def test_what_has_no_effect_is_told() -> None:
    """Units that mean another, and what a trigger for dead letters never looks at."""
    inner = dlq(rateLimit={"requestsPerUnit": 1}, dlqTrigger=dlq())
    written = sensor(atLeastOnce=True, dlqTrigger=inner, rateLimit={"unit": "hour", "requestsPerUnit": -1})
    assert [warning.split(": ")[0] for warning in rules.read(written).warnings] == [
        "spec.triggers[0].rateLimit.unit",
        "spec.triggers[0].rateLimit.requestsPerUnit",
        "spec.triggers[0].dlqTrigger",
        "spec.triggers[0].dlqTrigger.dlqTrigger",
    ]


@pytest.mark.promise("I6")
@pytest.mark.parametrize("kind", [*OTHER_KINDS, "mqtt"])
def test_a_kind_of_trigger_is_known_by_its_plug_in(kind: str) -> None:
    """Without one it is refused by name; with one the document is accepted."""
    written = sensor(template={"k8s": None, **({kind: {}} if kind in OTHER_KINDS else {"argosy": {kind: {}}})})
    assert kind in faults(written)[0].partition(": ")[0]
    assert rules.read(written, plugins={kind}).value.spec.triggers


def test_what_nobody_knows_is_told_beside_the_faults() -> None:
    """A misspelt kind leaves a trigger without one: both are said, or the author would look in vain."""
    assert faults(sensor(template={"k8s": None, "htpp": {"url": "x"}})) == (
        "spec.triggers[0].template: invalid trigger t, could not find an implementation",
        "spec.triggers[0].template.htpp: unknown field, ignored",
    )


def test_all_that_argo_events_has_is_accepted() -> None:
    """Joins, their resets, policies, retries and triggers for dead letters, each as its documents have it."""
    written = sensor(
        template={
            "conditions": "d && d2",
            "conditionsReset": [{"byTime": {"cron": "0 0 * * MON-FRI", "timezone": "Europe/Prague"}}],
            "k8s": patch("application/strategic-merge-patch+json"),
        },
        policy={"k8s": {"labels": {"done": "yes"}, "backoff": {"steps": 3, "duration": "10s"}, "errorOnBackoffTimeout": True}},
        retryStrategy={"steps": 3, "duration": "-1s"},
        atLeastOnce=True,
        dlqTrigger=dlq(policy={"status": {}}),
    )
    written["spec"]["dependencies"] += [{"name": "d2", "eventSourceName": "e", "eventName": "g"}]
    assert rules.read(written).warnings == ()


def test_two_triggers_that_meet_in_one_consumer_are_refused() -> None:
    """32 bits are few, and `-` joins the names: `b` + `c-d` and `b-c` + `d` are one consumer (fault F15)."""
    written = sensor()
    names = [("c-d", "x"), ("d", "y")]
    written["spec"]["dependencies"] = [
        {"name": "d", "eventSourceName": "e", "eventName": "f"},
        {"name": "c-d", "eventSourceName": "e", "eventName": "f"},
    ]
    template = written["spec"]["triggers"][0]["template"]
    written["spec"]["triggers"] = [
        {"template": template | {"name": "b", "conditions": "c-d"}},
        {"template": template | {"name": "b-c", "conditions": "d"}},
    ]
    assert names
    with pytest.raises(ConfigurationError, match="meet in one consumer"):
        plan.plan(rules.read(written).value, Surroundings("s", "ns", FakeCluster()), Names())


def rich() -> dict[str, Any]:
    """Write a document that uses nearly everything."""
    parameter = {"src": {"dependencyName": "d", "dataKey": "k", "value": "x", "useRawData": True}, "dest": "a.b"}
    secret = {"name": "n", "key": "k"}
    http = {
        "url": "http://x", "payload": [parameter], "headers": {"a": "b"}, "basicAuth": {"username": secret, "password": secret},
        "secureHeaders": [{"name": "h", "valueFrom": {"secretKeyRef": secret}}], "dynamicHeaders": [parameter], "timeout": 5,
    }  # fmt: skip
    written = sensor(
        template={"conditions": "d", "conditionsReset": [{"byTime": {"cron": "0 0 * * *", "timezone": "UTC"}}]},
        parameters=[parameter],
        policy={"k8s": {"labels": {"a": "b"}, "backoff": {"steps": 1, "duration": "1s", "factor": 2, "jitter": 0.5}}},
        rateLimit={"unit": "Second", "requestsPerUnit": 1},
        atLeastOnce=True,
        dlqTrigger=dlq(template={"name": "x", "http": http}, policy={"status": {"allow": [200]}}),
    )
    filters = {
        "exprs": [{"expr": "a == 1", "fields": [{"name": "a", "path": "a"}]}],
        "data": [{"path": "a", "type": "string", "value": ["x"], "comparator": "="}],
        "context": {"type": "x", "time": "2024-05-06T07:08:09Z"},
        "time": {"start": "01:00:00", "stop": "02:00:00", "timezone": "UTC"},
    }
    written["spec"]["dependencies"][0] |= {"filters": filters, "transform": {"jq": "."}}
    return written


def places(value: Any, here: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    """List every place of a document."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [here, *(place for key, each in inner for place in places(each, (*here, key)))]


def replaced(value: Any, place: tuple[str | int, ...], by: Any) -> Any:
    """Put something else at a place of a document."""
    if not place:
        return by
    changed = replaced(value[place[0]], place[1:], by)
    if isinstance(value, dict):
        return value | {place[0]: changed}
    return [*value[: int(place[0])], changed, *value[int(place[0]) + 1 :]]


_SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=6)
_VALUES = st.recursive(_SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner))


@given(st.lists(st.tuples(st.sampled_from(places(rich())), _VALUES), min_size=1, max_size=3))
def test_any_document_is_read_or_refused(changes: list[tuple[tuple[str | int, ...], Any]]) -> None:
    """Whatever stands anywhere in a document, the answer is a value or `ConfigurationError` that says something."""
    written: Any = rich()
    for place, value in changes:
        if place in places(written):
            written = replaced(written, place, value)
    try:
        read = rules.read(written)
    except ConfigurationError as error:
        faults = error.faults
    else:
        faults = (read.value.metadata.name,)
    assert all(faults)


def test_the_rich_document_is_good() -> None:
    """Or the test above would try the same fault again and again."""
    assert rules.read(rich()).value.spec.triggers
