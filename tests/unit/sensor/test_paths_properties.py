"""What holds for any document, path and value."""

import json
import re

from hypothesis import assume, given
from hypothesis import strategies as st

from sensor.paths import compile_path, compile_target, get

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
# JSON is in every text that could be mistaken for something else.
TRICKY = TEXT | st.sampled_from(['{"a":1}', "[1]", '"', "\\", '\\"', "a.b", "@this", "#", "\u2028", "]}", "{{", "$", "null"])
SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TRICKY
DOCUMENTS = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TRICKY, inner, max_size=4), max_leaves=20
)
OBJECTS = st.dictionaries(TRICKY, DOCUMENTS, max_size=5)


def encoded(value: object, *, spaced: bool) -> bytes:
    """Write JSON, loosely or tightly, sometimes with everything escaped."""
    return json.dumps(
        value, ensure_ascii=spaced, indent=1 if spaced else None, separators=None if spaced else (",", ":")
    ).encode()


def escaped(key: str) -> str:
    """Write a key as a part of a path that means nothing but this key."""
    return re.sub(r"([^\w\s-])", r"\\\1", key)


@given(OBJECTS, st.booleans())
def test_every_member_is_found_as_it_stands(document: dict[str, object], spaced: bool) -> None:  # noqa: FBT001
    """Whatever keys and values a document has, each value is found under its key."""
    text = encoded(document, spaced=spaced)
    for key, value in document.items():
        result = get(text, compile_path(escaped(key)))
        assert json.loads(result.raw) == value
        if isinstance(value, str):
            assert result.text == value


@given(st.lists(DOCUMENTS, max_size=5), st.booleans())
def test_every_element_is_found_and_counted(document: list[object], spaced: bool) -> None:  # noqa: FBT001
    """Nothing inside an element is taken for the next one."""
    text = encoded(document, spaced=spaced)
    assert get(text, compile_path("#")).raw == str(len(document)).encode()
    assert [json.loads(get(text, compile_path(str(at))).raw) for at in range(len(document))] == document


@given(OBJECTS, st.lists(TRICKY, min_size=1, max_size=3), TRICKY, st.booleans())
def test_what_is_written_is_read(document: dict[str, object], keys: list[str], value: str, spaced: bool) -> None:  # noqa: FBT001
    """A value set under any keys is found under them, and every other member is as it was."""
    reading = ".".join(escaped(key) for key in keys)
    # Two empty keys in front are the mark of a document of lines; a key has no place in an array.
    assume(not reading.startswith("..") and not any(isinstance(inside, list) for inside in along(document, keys)))
    written = compile_target(".".join(":" + escaped(key) for key in keys)).put(encoded(document, spaced=spaced), value)
    assert get(written, compile_path(reading)).text == value
    others = {key: each for key, each in document.items() if key != keys[0]}
    assert {key: each for key, each in json.loads(written).items() if key != keys[0]} == others


def along(document: object, keys: list[str]) -> list[object]:
    """Give all values that a path of keys passes."""
    found = [document]
    for key in keys:
        document = document.get(key) if isinstance(document, dict) else None
        found.append(document)
    return found


@given(st.binary(max_size=60), st.text(alphabet='ab.#*?|@()[]{}:!"\\=<>%~, 0123-', max_size=12))
def test_reading_never_raises(text: bytes, path: str) -> None:
    """Neither a strange text nor a strange path is a crash."""
    result = get(text, compile_path(path))
    assert isinstance(result.text, str)
    assert isinstance(result.float, float)
    assert result.bool in {True, False}
    assert result.value is None or result.exists


@given(OBJECTS, st.text(alphabet='ab.#*?|@()[]{}:!"\\=<>%~, 0123-', max_size=12))
def test_strange_paths_never_raise_on_good_documents(document: dict[str, object], path: str) -> None:
    """The documents that users have, met by any path that they could write."""
    get(encoded(document, spaced=False), compile_path(path))
    get(encoded({"a": [document, {"b": 1}], "b": document}, spaced=True), compile_path(path))
