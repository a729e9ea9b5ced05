"""YAML payloads, read as Argo Events reads them."""

import pytest

from common.cloudevent import CloudEvent
from sensor.parameters import Parameter, Source, prepare
from sensor.parameters.yamltext import YamlError, yaml_to_json


@pytest.mark.parametrize(
    ("text", "json"),
    [
        ("b: 1\na: [yes, No, on, y, ~, null]", '{"a":[true,false,true,true,null,null],"b":1}'),
        ("[0777, 0x1F, 0b11, 1_000, -5, +5, 08]", "[511,31,3,1000,-5,5,8]"),
        ("[1.50, 1e3, 1., .5, 1e21, 1e-7, 0.000001]", "[1.5,1000,1,0.5,1e+21,1e-7,0.000001]"),
        ("[12345678901234567890, 123456789012345678901234567890]", "[12345678901234567890,1.2345678901234568e+29]"),
        ("[2024-01-02, 12:30, 'yes', \"1\", 1.2.3, _1, '']", '["2024-01-02","12:30","yes","1","1.2.3","_1",""]'),
        ("1: one\ntrue: t\n1.5: f\nn: no", '{"1":"one","1.5":"f","false":false,"true":"t"}'),
        ("a: &x {k: v}\nb: *x\nc: {<<: *x, l: 1}", '{"a":{"k":"v"},"b":{"k":"v"},"c":{"k":"v","l":1}}'),
        ("a: 1\na: 2", '{"a":2}'),
        ("[1e400, <<]", r'["1e400","\u003c\u003c"]'),
        ("just <text>", r'"just \u003ctext\u003e"'),
        ("", "null"),
        ("a: 1\n---\nb: 2", '{"a":1}'),
        ("a: |\n  two\n  lines\n", r'{"a":"two\nlines\n"}'),
    ],
)
def test_yaml_means_what_it_means_to_go(text: str, json: str) -> None:
    """Dates stay text, keys become text and are sorted, numbers are printed as Go prints them."""
    assert yaml_to_json(text.encode()).decode() == json


@pytest.mark.parametrize("text", [b"a: [", b"? [1, 2]\n: x", b"a: .inf", b"\xff", b"a: *nobody", b"a:\n\t- b", b"[" * 3000])
def test_what_json_cannot_hold_is_refused(text: bytes) -> None:
    """Nothing is guessed."""
    with pytest.raises(YamlError):
        yaml_to_json(text)


def test_aliases_of_aliases_do_not_fill_the_memory() -> None:
    """A payload of a few lines must not bring the pod down."""
    lines = ["a0: &a0 [x, x]"] + [f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}]" for n in range(1, 40)]
    with pytest.raises(YamlError, match="too many values"):
        yaml_to_json("\n".join(lines).encode())


def test_a_key_looks_into_yaml() -> None:
    """A payload of type application/yaml is as good as JSON."""
    event = CloudEvent(id="1", source="s", type="t", datacontenttype="application/yaml", data=b"b: [1, x]")
    ready = prepare([Parameter(Source("d", data_key="b.1"), "v")])
    assert ready.apply(b"{}", {"d": event}).document == b'{"v":"x"}'
