"""The language of templates. The golden corpus in tests/conformance says more."""

import json

import pytest

from sensor.templates import Template, TemplateError, compile, render  # noqa: A004 - as in `re`

DOCUMENT = json.dumps({
    "s": "text", "id": 17, "f": 1.5, "n": None, "t": True, "fa": False, "list": ["b", None, "c"], "nums": [3, 1, 2],
    "obj": {"z": 1, "a": "two", "n": None, "m": {"deep": [10, 20]}}, "items": [{"sku": "a-1", "tags": ["x"]}, {"sku": None}],
})  # fmt: skip


@pytest.mark.parametrize(
    ("template", "text"),
    [
        # Text, trimming, comments
        ("a {{- 1 -}} b", "a1b"),
        ("a {{- /* note */ -}} b", "ab"),
        ("a {{/* note */}} b", "a  b"),
        ('{{ `{{ raw }}` }} {{ "}}" }}', "{{ raw }} }}"),
        ("{{\n.Input.s\n}}", "text"),
        ("{ {.Input.s} }", "{ {.Input.s} }"),
        # Constants
        (
            "{{ 0x10 }} {{ 1e3 }} {{ 1_000 }} {{ 'é' }} {{ 0b101 }} {{ 0o17 }} {{ 2i }} {{ .5 }}",
            "16 1000 1000 233 5 15 (0+2i) 0.5",
        ),
        ("{{ 1+2i }} {{ '\\n' }} {{ \"\\u017e\\x41\" }}", "(1+2i) 10 žA"),
        # Fields
        ("{{ .Input.nope.deeper }}|{{ $.Input.s }}|{{ (index .Input.items 0).sku }}", "<no value>|text|a-1"),
        ("{{ (.Input.n).x }}|{{ $x := .Input.n }}{{ $x.y }}", "<no value>|<no value>"),
        # Pipelines, variables
        ('{{ "x" | default "y" | printf "%s|%5s" "a" }}', "a|    x"),
        ("{{ $x := 5 }}{{ range until 3 }}{{ $x = add $x . }}{{ end }}{{ $x }}", "8"),
        ("{{ $x := 1 }}{{ if true }}{{ $x := 2 }}{{ $x }}{{ end }}{{ $x }}", "21"),
        ('{{ and 0 (fail "x") }}{{ or 1 (fail "x") }}{{ 3 | and 1 }}', "013"),
        ('{{ true | ternary "y" "n" }}', "y"),
        ('{{ js "\\x7f\\u00ad" }}', "\x7f\\u00AD"),
        # Times and versions as Go source
        (
            '{{ toDate "2006-01-02" "2024-03-05" | printf "%#v" }}',
            "time.Date(2024, time.March, 5, 0, 0, 0, 0, time.Local)",
        ),
        (
            '{{ (toDate "2006-01-02 15Z07:00" "2024-03-05 06Z").GoString }}',
            "time.Date(2024, time.March, 5, 6, 0, 0, 0, time.UTC)",
        ),
        (
            '{{ semver "v1.2-a+b" | printf "%#v" }}',
            '&semver.Version{major:0x1, minor:0x2, patch:0x0, pre:"a", metadata:"b", original:"v1.2-a+b"}',
        ),
        ('{{ (toDate "2006" "2024").IsDST }}', "false"),
        # Control
        ('{{ if 0.0 }}a{{ else if "" }}b{{ else if list }}c{{ else }}d{{ end }}', "d"),
        ("{{ with .Input.nope }}a{{ else with .Input.s }}{{ . }}{{ end }}", "text"),
        ("{{ with $y := .Input.obj }}{{ $y.a }}{{ .z }}{{ end }}", "two1"),
        ("{{ range $i, $v := .Input.list }}{{ $i }}={{ $v }};{{ end }}", "0=b;1=<no value>;2=c;"),
        ("{{ range $k, $v := .Input.obj }}{{ $k }} {{ end }}", "a m n z "),
        ("{{ range .Input.nope }}x{{ else }}none{{ end }}", "none"),
        ("{{ range 3 }}{{ . }}{{ end }}{{ range $i := 2 }}{{ $i }}{{ end }}", "01201"),
        ("{{ range until 9 }}{{ if eq . 1 }}{{ continue }}{{ end }}{{ if eq . 4 }}{{ break }}{{ end }}{{ . }}{{ end }}", "023"),
        ("{{ $k := 0 }}{{ $v := 0 }}{{ range $k, $v = .Input.nums }}{{ end }}{{ $k }}{{ $v }}", "22"),
        # Templates within templates
        ('{{ define "f" }}<{{ . }}>{{ end }}{{ template "f" 3 }}{{ template "f" }}', "<3><<no value>>"),
        ('{{ block "b" .Input.s }}[{{ . }}]{{ end }}{{ template "b" 1 }}', "[text][1]"),
        ('{{ define "n" }}{{ if gt . 0 }}{{ . }}{{ template "n" (sub . 1) }}{{ end }}{{ end }}{{ template "n" 3 }}', "321"),
        # Built-in functions
        ('{{ print 1 2 "x" 3 4 nil }}|{{ println .Input.n }}', "1 2x3 4 <nil>|<nil>\n"),
        ('{{ len "žluť" }}{{ len .Input.obj }}{{ index "abc" 1 }}{{ index (dict "a" (list 1 2)) "a" 1 }}', "64982"),
        (
            '{{ eq .Input.id 17.0 }}{{ eq "a" "b" "a" }}{{ eq .Input.n nil }}{{ ne 1 2 }}{{ lt 1 2 }}{{ ge "b" "a" }}',
            "true" * 6,
        ),
        (
            '{{ html "<a & \'b\'>" }}{{ js "<\'\\n" }}{{ urlquery "ž /" }}{{ html nil }}',
            "&lt;a &amp; &#39;b&#39;&gt;\\u003C\\'\\u000A%C5%BE+%2F&lt;no value&gt;",
        ),
        ("{{ not nil }}{{ not .Input.t }}", "truefalse"),
        # Numbers are floats, and print as such
        (
            '{{ .Input.id }} {{ printf "%d" .Input.id }} {{ mul .Input.id 1000000 }} {{ 1e6 }}',
            "17 %!d(float64=17) 17000000 1e+06",
        ),
        # Methods
        ('{{ (toDate "2006-01-02" "2024-05-06").AddDate 0 1 0 | date "Jan 2" }}', "Jun 6"),
        ('{{ (toDate "2006-01-02" "2024-05-06").Weekday }} {{ (semver "1.2.3").Minor }}', "Monday 2"),
        ('{{ ((toDate "2006-01-02" "2024-05-06").Add 3600000000000).Format "15:04" }}', "01:00"),
        # Bytes
        ('{{ trunc 1 "é" }}|{{ toJson (trunc 1 "é") }}', '�|"\\ufffd"'),
    ],
)
def test_templates_give_what_go_gives(template: str, text: str) -> None:
    """Checked against Go 1.26 and sprig 3.3."""
    assert compile(template).render(DOCUMENT) == text


@pytest.mark.parametrize(
    ("template", "why"),
    [
        ("{{ .Input.s", "line 1, column 12: unclosed action"),
        ("ab\n{{ nosuch }}", "line 2, column 4: function 'nosuch' not defined"),
        ("{{ if true }}", "line 1, column 14: unexpected end of the template"),
        ("{{ end }}", "unexpected {{end}}"),
        ("{{ .Input.a-b }}", "line 1, column 12: bad character '-'"),
        ('{{ "a }}', "unterminated quoted string"),
        ("{{ 'ab' }}", "malformed character constant"),
        ("{{ 3x }}", "bad number syntax: '3x'"),
        ("{{ 99999999999999999999 }}", "integer overflow"),
        ("{{ $x }}", "undefined variable '$x'"),
        ("{{ (1 }}", "unclosed left paren"),
        ("{{ 1 | 2 }}", "non executable command in pipeline stage 2"),
        ("{{ break }}", "{{break}} outside {{range}}"),
        ('{{ range .Input.list }}{{ block "x" . }}{{ break }}{{ end }}{{ end }}', "{{break}} outside {{range}}"),
        ('{{ define "x" }}a{{ end }}{{ define "x" }}b{{ end }}', "multiple definition of template 'x'"),
        ("{{ if true }}{{ else }}{{ else }}{{ end }}", "expected end; found {{else}}"),
        ("{{ range 1 }}{{ else if true }}{{ end }}", "unexpected 'if'"),
        ("{{ $a, $b := 1 }}", "too many declarations in command"),
        ("{{/* a", "unclosed comment"),
        ('{{ env "HOME" }}', "line 1, column 4: function 'env' is refused: it reads the environment of the pod"),
        ('{{ getHostByName "x" }}', "is refused: it asks the network"),
    ],
)
def test_what_cannot_be_read_is_told_with_its_place(template: str, why: str) -> None:
    """At the start, not at the first event."""
    with pytest.raises(TemplateError) as told:
        compile(template)
    assert why in str(told.value)


@pytest.mark.parametrize(
    ("template", "why"),
    [
        ("a\n {{ .Input.n.x }}", "line 2, column 5: nil pointer evaluating interface {}.x"),
        ("{{ .Input.s.x }}", "line 1, column 4: can't evaluate field x in type string"),
        ("{{ range .Input.list }}{{ .x }}{{ end }}", "can't evaluate field x in type string"),
        ("{{ index .Input.list 9 }}", "error calling index: index out of range: 9"),
        ("{{ index .Input.list 1.0 }}", "cannot index slice/array with type float64"),
        ("{{ index .Input.nope 0 }}", "index of untyped nil"),
        ("{{ eq 17 17.0 }}", "error calling eq: incompatible types for comparison: int and float64"),
        ("{{ eq .Input.list .Input.list }}", "non-comparable type"),
        ("{{ lt .Input.t .Input.fa }}", "invalid type for comparison"),
        ("{{ upper .Input.id }}", "line 1, column 10: wrong type for value; expected string; got float64"),
        ("{{ upper 1 }}", "line 1, column 10: expected string; found 1"),
        ('{{ trunc 1.5 "x" }}', "expected int; found 1.5"),
        ("{{ upper nil }}", "cannot assign nil to string"),
        ('{{ get .Input.n "a" }}', "wrong type for value; expected map[string]interface {}; got interface {}"),
        ("{{ upper }}", "wrong number of args for upper: want 1 got 0"),
        ("{{ nil }}", "nil is not a command"),
        ("{{ coalesce.x }}", "nil pointer evaluating interface {}.x"),
        ("{{ .Input.s 1 }}", "s is not a method but has arguments"),
        ("{{ 1 2 }}", "can't give argument to non-function"),
        ("{{ $x = 1 }}", "undefined variable: $x"),
        ("{{ range .Input.s }}{{ end }}", "range can't iterate over a value of type string"),
        ("{{ range $a, $b := 3 }}{{ end }}", "can't use a number"),
        ('{{ template "none" }}', "template 'none' not defined"),
        ("{{ call .Input.s }}", "non-function"),
        ('{{ "a" }}{{ fail "late" }}', "line 1, column 13: error calling fail: late"),
        ("{{ 18446744073709551615 }}", "overflows int"),
    ],
)
def test_what_fails_is_told_with_its_place(template: str, why: str) -> None:
    """The operator finds it without searching."""
    with pytest.raises(TemplateError) as told:
        compile(template).render(DOCUMENT)
    assert why in str(told.value)


def test_a_template_is_compiled_once_and_rendered_often() -> None:
    """Nothing of one event is left for the next."""
    template = compile('{{ $_ := set .Input "seen" 1 }}{{ .Input.a }}{{ len .Input }}')
    assert [template.render(b'{"a":1}'), template.render('{"a":2}')] == ["12", "22"]
    assert isinstance(template, Template)


def test_numbers_are_floats_and_the_first_of_repeated_keys_counts() -> None:
    """As gjson reads documents for templates."""
    assert render('{{ .Input.a }} {{ printf "%T" .Input.b }}', b'{"a":1,"b":2,"a":3}') == "1 float64"


def test_a_value_may_stand_for_the_document() -> None:
    """Data filters give the text of one value."""
    assert compile("{{ .Input | upper }}").render_value("text") == "TEXT"


def test_a_bad_template_fails_the_same_way_each_time() -> None:
    """Though it is read only once."""
    for _ in range(2):
        with pytest.raises(TemplateError, match="line 1, column 3: unclosed action"):
            render("{{", b"{}")
