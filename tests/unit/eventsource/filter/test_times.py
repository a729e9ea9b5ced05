"""Points in time and spans."""

import pytest

from common.sprig import Ambient
from eventsource.filter.errors import Fault
from tests.unit.eventsource.filter.evaluate import value

NOW = 1_714_979_289_000_000_000
AMBIENT = Ambient(now=lambda: NOW, random=bytes)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("date('2024-05-06') < date('2024-05-07')", True), ("date('2024-05-06T07:08:09Z') > date('2024-05-06')", True),
        ("date('2024-05-06T09:08:09+02:00') == date('2024-05-06 07:08:09')", True), ("date('15:04:05').Year()", 0),
        ("date('06 May 24 10:00 UTC').Hour()", 10), ("date('Mon, 06 May 2024 07:08:09 GMT').Minute()", 8),
        ("date('Monday, 06-May-24 07:08:09 UTC').Second()", 9), ("date('06/05/2024', '02/01/2006').Month().String()", "May"),
        ("date('2024-05-06', '2006-01-02', 'Europe/Prague').Unix()", 1714946400), ("date('2024-05-06').Unix()", 1714953600),
        ("date('2024-01-06', '2006-01-02', 'America/New_York').UTC().Hour()", 5),
        ("date('2024-05-06').Weekday().String()", "Monday"),
        ("date('2024-05-06 10:00 +0200', '2006-01-02 15:04 -0700', 'Asia/Tokyo').UTC().Hour()", 8),
        ("date('2024-12-31').YearDay()", 366), ("date('2024-05-06T07:08:09.5Z').Nanosecond()", 500_000_000),
        ("(date('2024-05-07') - date('2024-05-06')).Hours()", 24.0),
        ("date('2024-05-06') + duration('36h') > date('2024-05-07')", True),
        ("date('2024-05-06') - duration('24h') == date('2024-05-05')", True),
        ("duration('1h') + date('2024-05-06') > date('2024-05-06')", True),
        ("date('2024-05-06').Add(duration('1h')).Hour()", 1),
        ("date('2024-05-06').AddDate(0, 1, 0).Month() == date('2024-06-01').Month()", True),
        ("date('2024-03-05', '2006-01-02', 'Europe/Prague').AddDate(0, 1, 0).Hour() == 0", True),
        ("date('2024-07-05', '2006-01-02', 'Europe/Prague').IsDST()", True),
        ("date('2024-05-06').Before(date('2024-05-07'))", True), ("date('2024-05-06').After(date('2024-05-07'))", False),
        ("date('2024-05-06').Sub(date('2024-05-05')).Minutes()", 1440.0),
        ("date('2024-05-06').Format('Jan 2, 2006')", "May 6, 2024"), ("date('2024-05-06').Month() == 5", False),
        ("date('2024-05-06').Month().String() == 'May'", True), ("first([date('2024-05-06')]).Year()", 2024),
        ("date('2024-05-06') in [date('2024-05-06')]", True), ("date('0001-01-01').IsZero()", True),
        ("date('2024-05-06').Truncate(duration('24h')).Day()", 6), ("duration('90m') == duration('1h30m')", True),
        ("duration('90m').String()", "1h30m0s"), ("duration('1.5s').Milliseconds()", 1500),
        ("duration('1h') > duration('59m')", True), ("duration('-1h') < duration('0')", True),
        ("duration('1h').Seconds()", 3600.0), ("duration('1h30m').Round(duration('1h')).Hours()", 2.0),
        ("duration('2h') - duration('30m') > duration('1h')", True),
    ],
)  # fmt: skip
def test_answers(text: str, expected: object) -> None:
    """Times compare, add up and have the methods of Go."""
    assert value(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "date('bad')", "date('2024-02-30')", "date('2024-05-06', '02/01/2006')",
        "date('2024-05-06', '2006-01-02', 'Nowhere/Land')", "duration('1')", "duration('')",
        "first([date('2024-05-06')]).Nope()", "first([date('2024-05-06')]).Year(1)", "first([date('2024-05-06')]).Add(1)",
        "first([date('2024-05-06')]).Nope", "first([duration('1h')]).Year()", "first([date('2024-05-06')]) > body.id",
        "first([duration('1h')]) > body.id", "first([date('2024-05-06')]) * 2",
    ],
)  # fmt: skip
def test_no_answer(text: str) -> None:
    """What is no time is an error, not a no."""
    with pytest.raises(Fault):
        value(text)


def test_the_clock_is_given() -> None:
    """A filter asks the clock that it got, so that a test may stop it."""
    assert value("now() == date('2024-05-06T07:08:09Z')", ambient=AMBIENT) is True
    assert value("(now() - date('2024-05-06')).Hours() > 7", ambient=AMBIENT) is True
    assert value("sprig.now() == now()", ambient=AMBIENT) is True
