"""`jsonpath(text, path)`: the paths of evilmonkeyinc/jsonpath."""

import json

import pytest

from eventsource.filter.errors import Fault
from tests.unit.eventsource.filter.evaluate import DATA, value

DOCUMENT = json.dumps({
    "a": {"b": [{"n": 1, "k": "x"}, {"n": 2, "k": "y"}, {"n": 3}], "length": 7, "c d": 5, "s": "Ada"},
    "l": [1, 2, 3, "a", None, [4, 5]],
    "nul": None,
    "x.y": 1,
})  # fmt: skip


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("$.a.s", "Ada"), ("$['a']['c d']", 5.0), ('$["a"].s', "Ada"), ("$['x.y']", 1.0), ("$.nul", None), ("$.l[0]", 1.0),
        ("$.l[-1]", [4.0, 5.0]), ("$.l[0,2]", [1.0, 3.0]), ("$.l[0,99]", [1.0]), ("$.l[1:3]", [2.0, 3.0]),
        ("$.l[:2]", [1.0, 2.0]), ("$.l[::-1][0]", [4.0, 5.0]), ("$.l[::2]", [1.0, 3.0, None]),
        ("$.a['s','c d']", ["Ada", 5.0]), ("$.a.b[*].k", ["x", "y"]), ("$.a.b.*.n", [1.0, 2.0, 3.0]),
        ("$..n", [1.0, 2.0, 3.0]), ("$..b[0].n", [1.0]), ("$.l.length", 6), ("$.a.length", 7.0), ("$.a.s.length", 3),
        ("$.a.b[?(@.n > 1)].n", [2.0, 3.0]), ("$.a.b[?(@.k)].n", [1.0, 2.0]), ("$.a.b[?(@.k == 'x')].n", [1.0]),
        ('$.a.b[?(@.k == "y")].n', [2.0]), ("$.a.b[?(@.k != 'x')].n", [2.0]), ("$.a.b[?(!@.k)].n", []),
        ("$.a.b[?(@.k =~ 'x|y')].n", [1.0, 2.0]), ("$.a.b[?(@.n >= 2 && @.n < 3)].n", [2.0]),
        ("$.a.b[?(@.n == 1 || @.n == 3)].n", [1.0, 3.0]), ("$.a.b[?(@.n in [1, 3])].n", [1.0, 3.0]),
        ("$.a.b[?(@.n not in [1, 3])].n", [2.0]), ("$.a.b[?(@.n % 2 == 1)].n", [1.0, 3.0]),
        ("$.a.b[?(@.n * 2 == $.l[1])].n", [1.0]), ("$.a.b[?((@.n + 1) == 3)].n", [2.0]),
        ("$.a.b[?(@.n ** 2 == 9)].n", [3.0]), ("$.a.b[?(@.n - 1 == 0)].n", [1.0]), ("$.a.b[?(@.n / 2 == 1)].n", [2.0]),
        ("$.a.b[?(@.n <= 1)].n", [1.0]), ("$.a.b[?(@.n > 1)][0].n", 2.0), ("$.l[(@.length-1)]", [4.0, 5.0]),
        ("$.l[(0)]", 1.0), ("$.l[(@.length-2):][0]", None), ("$.l[?(@ == 'a')]", ["a"]), ("$.l[?(nil)]", []),
        ("$.l[?(true)][0]", 1.0), ("$", None), ("$.l[ 0 , 1 ]", [1.0, 2.0]), ("$..", None),
    ],
)  # fmt: skip
def test_paths(path: str, expected: object) -> None:
    """Keys, indexes, parts, unions, wildcards, recursion, filters and scripts."""
    found = value(f"jsonpath({json.dumps(DOCUMENT)}, {json.dumps(path)})", DATA)
    if path == "$":
        assert found == json.loads(DOCUMENT)
    elif path == "$..":
        assert len(found) == 23
    else:
        assert found == expected


@pytest.mark.parametrize(
    "path",
    [
        "", "a", "x.a", "$a", "$.", "$.a.", "$.zz", "$.a.zz", "$.l.a", "$.a.s.x", "$.nul.x", "$.l[9]", "$.l[-9]", "$.a[0]",
        "$.l['a']", "$.l[", "$.l[]", "$.l[a]", "$.l[1,]", "$.l[0,'a']", "$.a[0,1]", "$.l['a','b']", "$.l[1:2:0]", "$.a[1:2]",
        "$.l['a':]", "$.l[1,2:3]", "$.l[?@]", "$.l[?(]", "$.s[*]", "$.nul[*]", "$.a.s[?(@)]", "$.l[(@.zz)]", "$.l[(nil)]",
        "$.l[(1.5)]", "$...", "$.l[1:2:3:4]", "$['a\\'b']", "$.l[(@.length/0)]", "$.l[('a' in 5)]", "$.l[1", "$.l[()]",
        "$[('nul')]", "$.a.c.length.x",
    ],
)  # fmt: skip
def test_no_path(path: str) -> None:
    """A path that is wrong, or names nothing, is an error of the expression."""
    with pytest.raises(Fault):
        value(f"jsonpath({json.dumps(DOCUMENT)}, {json.dumps(path)})", DATA)


@pytest.mark.parametrize(
    "text", ["jsonpath('bad', '$.a')", "jsonpath('{}')", "jsonpath(body.id, '$')", "jsonpath('{}', body.id)"]
)
def test_no_document(text: str) -> None:
    """What is no JSON text is an error, too."""
    with pytest.raises(Fault):
        value(text)


def test_a_path_is_no_way_to_hang() -> None:
    """Recursion upon recursion ends with an error."""
    with pytest.raises(Fault):
        value("jsonpath(toJson(reduce(1..100, [#acc], [1])), '$" + "..*" * 5 + "')")
    assert value(f"jsonpath('[1]', {json.dumps('$[?(' + '(' * 500 + '@' + ')' * 500 + ')]')})") == [1.0]
    with pytest.raises(Fault):
        value(f"jsonpath('[1]', {json.dumps('$[?(' + '1+' * 100 + '1)]')})")
    with pytest.raises(Fault):
        value(f"jsonpath('[1]', {json.dumps('$' + '.a' * 3000)})")
