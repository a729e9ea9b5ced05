"""What is worked out beforehand, where that shows."""

import pytest

from eventsource import filter  # noqa: A004
from eventsource.filter.errors import Fault
from tests.unit.eventsource.filter.evaluate import passes, value


@pytest.mark.parametrize("text", ["body.x.y || true", "true || body.x.y", "not (body.x.y && false)", "(false || true) == true"])
def test_a_constant_side_decides(text: str) -> None:
    """`x or true` is true before `x` is looked at."""
    assert passes(text)


@pytest.mark.parametrize("text", ["body.id && true", "true && body.id", "body.id || false", "false or body.id"])
def test_a_neutral_side_goes_away(text: str) -> None:
    """`x and true` is `x`, even where that is no bool."""
    assert value(text) == 17
    with pytest.raises(filter.FilterError, match="not bool"):
        passes(text)


def test_a_list_of_strings_refuses_other_values() -> None:
    """`in` a list of string literals is a look into a set of strings."""
    assert passes("body.name in ['Ada', 'Bob']")
    assert not passes("body.none in ['Ada']")
    assert passes("body.none in ['']")
    with pytest.raises(filter.FilterError, match="not assignable"):
        passes("body.id in ['Ada']")
    assert passes("not (body.id in ['Ada', body.name])")


def test_a_list_of_integers_does_not() -> None:
    """JSON numbers are compared by value."""
    assert passes("body.id in [16, 17]")
    assert passes("len(body.list) in [3]")
    assert passes("int(body.id) in 1..17")
    assert not passes("1.5 in 1..3")
    with pytest.raises(filter.FilterError, match="not assignable"):
        passes("date('2024-05-01').Month() in [5]")


def test_the_first_of_a_filter_stops_there() -> None:
    """What comes behind the first match is not looked at, so it cannot fail."""
    assert value("filter(body.mixed, # > 0)[0]") == 1
    assert value("first(filter(body.mixed, # > 0))") == 1
    assert value("first(filter(body.list, # > 9))") is None
    assert value("filter(body.list, # < 3)[-1]") == 2
    assert value("last(filter(body.list, # > 9))") is None
    with pytest.raises(Fault, match="out of range"):
        value("filter(body.list, # > 9)[0]")
    with pytest.raises(Fault, match="invalid operation"):
        value("filter(body.mixed, # > 0)[1]")


def test_the_length_of_a_filter_is_a_count() -> None:
    """And what would be made of its elements is left out."""
    assert value("len(filter(body.list, # > 1))") == 2
    assert value("len(map(filter(body.items, true), .n.x.y))") == 2


def test_a_map_of_a_filter_knows_the_places_before_it() -> None:
    """`#index` counts in the unfiltered list."""
    assert value("map(filter(body.list, # < 3), #index)") == [1, 2]
    assert value("map(filter(filter(body.list, # > 1), # < 3), # * 10)") == [20.0]


def test_arithmetic_on_literals() -> None:
    """It gives the type that it gives later."""
    assert value("1 + 2.0") == 3.0
    assert value('"a" + "b"') == "ab"
    assert value("9223372036854775807 + 1") == -9223372036854775808
    assert value("-7 % 3") == -1
    assert value("1 / 4") == 0.25
    assert value("+(-5)") == -5


def test_a_builtin_without_arguments_is_an_error_of_ours() -> None:
    """Within a call of an added function nothing counts arguments before the optimizer looks at them."""
    with pytest.raises(filter.ExpressionError, match="arguments"):
        filter.compile("asFloat(len())")
