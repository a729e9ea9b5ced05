"""No template holds the sensor up, whatever its author had in mind."""

import json
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from common.sprig import SYSTEM, Ambient
from sensor.templates import Limits, TemplateError, compile  # noqa: A004 - as in `re`

SMALL = Limits(output=10_000, steps=20_000, seconds=1.0, depth=30)
DOCUMENT = json.dumps({"s": "text", "n": None, "list": ["b", 1, None], "obj": {"a": {"b": 2}}, "id": 17})


@pytest.mark.parametrize(
    ("template", "why"),
    [
        ("{{ range until 150000 }}{{ range until 150000 }}{{ end }}{{ end }}", "steps"),
        ("{{ range 99999999999 }}{{ end }}", "steps"),
        ("{{ range until 20000 }}0123456789{{ end }}", "steps|writes more"),
        ('{{ repeat 20000 "x" }}', "writes more than 10000 characters"),
        ('{{ define "x" }}{{ template "x" }}{{ end }}{{ template "x" }}', "maximum template depth"),
        ('{{ template "param" }}', "maximum template depth"),
        ("{{ $l := list 1 }}{{ range until 40 }}{{ $l = concat $l $l }}{{ end }}", "too long|too large"),
        ("{{ $l := list 1 }}{{ range until 90 }}{{ $l = list $l $l }}{{ end }}{{ $l }}", "too large"),
        ("{{ $l := list 1 }}{{ range until 90 }}{{ $l = list $l $l }}{{ end }}{{ mustToJson $l }}", "too large"),
        (
            "{{ $l := list 1 }}{{ range until 90 }}{{ $l = list $l $l }}{{ end }}{{ deepEqual (list $l $l) (list $l $l) }}",
            "too large",
        ),
        ('{{ $d := dict }}{{ $_ := set $d "a" $d }}{{ $d }}', "nested too deeply"),
        ('{{ $d := dict }}{{ $_ := set $d "a" $d }}{{ mustMerge $d (deepCopy $d) }}', "too large|too deeply"),
        ('{{ $s := "ab" }}{{ range until 60 }}{{ $s = print $s $s }}{{ end }}', "too long|too large"),
        ('{{ printf "%999999d%999999d%999999d%999999d%999999d" 1 1 1 1 1 }}', "too long"),
        ("(" * 10 + "{{ " + "(" * 500 + "1" + ")" * 500 + " }}", "nested too deeply"),
        ("{{ if 1 }}" * 500 + "{{ end }}" * 500, "nested too deeply"),
        ("{{ if 0 }}" + "{{ else if 0 }}" * 500 + "{{ end }}", "nested too deeply"),
    ],
)
def test_hostile_templates_are_stopped(template: str, why: str) -> None:
    """Memory, time and stack are bounded."""
    started = time.process_time()
    with pytest.raises(TemplateError, match=why):
        compile(template, limits=SMALL).render("{}")
    assert time.process_time() - started < 10


def test_the_clock_stops_what_the_steps_do_not() -> None:
    """A step may take long; the limit on time is looked at before each call of a function."""
    ticks = iter(range(1000))
    ambient = Ambient(SYSTEM.now, SYSTEM.random, tick=lambda: float(next(ticks)))
    with pytest.raises(TemplateError, match="takes longer than 5 s"):
        compile("{{ range until 100 }}{{ add 1 . }}{{ end }}", ambient=ambient, limits=Limits(seconds=5)).render("{}")


def test_an_environment_may_be_let_in() -> None:
    """If a setting says so."""
    ambient = Ambient(SYSTEM.now, SYSTEM.random, environment={"HOME": "/root"})
    assert compile('{{ env "HOME" }}', ambient=ambient).render("{}") == "/root"


def test_a_template_may_be_too_long() -> None:
    """Nobody writes a megabyte by hand."""
    with pytest.raises(TemplateError, match="longer than"):
        compile("x" * (1 << 21))


_PIECES = st.sampled_from([
    "{{", "}}", " -}}", "{{- ", "{{/*", "*/}}", "|", "(", ")", " ", ".", "$", "$x", ":=", "=", ",", '"a"', "`r`", "'c'", "1",
    "nil", "true", ".Input", ".Input.obj.a", ".Input.n.x", "if ", "else ", "end ", "range ", "with ", "define ", "template ",
    "block ", "break", "continue", "len ", "index ", "eq ", "and ", "print ", "printf ", "list ", "dict ", "set ", "first ",
    "repeat ", "until ", "concat ", "toJson ", "{{ end }}", "{{ else }}", "{{ range .Input.list }}", "{{ $x := .Input.n }}",
    '{{ define "T" }}', '{{ template "T" . }}', "{{ break }}", "\n", "é", "\\", '"', "'", "`", "-1", "99999999999", "%v",
])  # fmt: skip


@settings(max_examples=600, deadline=None)
@given(st.lists(_PIECES | st.text(max_size=3), max_size=14).map("".join))
def test_any_text_renders_or_fails_in_our_way(template: str) -> None:
    """It never hangs, and never raises anything but our error."""
    try:
        text = compile(template, limits=SMALL).render(DOCUMENT)
    except TemplateError:
        return
    text.encode()


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=40) | st.text(max_size=40).map(lambda text: json.dumps(text).encode()))
def test_any_document_renders_or_fails_in_our_way(document: bytes) -> None:
    """Documents come from strangers."""
    try:
        compile("{{ .Input }}{{ toJson .Input }}{{ .Input.a.b }}{{ range .Input }}{{ . }}{{ end }}").render(document).encode()
    except TemplateError:
        return
