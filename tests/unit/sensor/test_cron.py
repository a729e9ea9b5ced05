"""The schedule of `conditionsReset`: its language, its zones, and what comes before and after."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sensor.dependencies import cron

_MONDAY = datetime(2024, 5, 6, 7, 8, 9, tzinfo=UTC)


@pytest.mark.parametrize(
    ("line", "after", "before"),
    [
        ("* * * * *", "2024-05-06T07:09:00+00:00", "2024-05-06T07:08:00+00:00"),
        ("0 0 13 * FRI", "2024-05-10T00:00:00+00:00", "2024-05-03T00:00:00+00:00"),
        ("0 0 */2 * 1", "2024-05-07T00:00:00+00:00", "2024-05-06T00:00:00+00:00"),
        ("0 0 ? * fri", "2024-05-10T00:00:00+00:00", "2024-05-03T00:00:00+00:00"),
        ("0 0 13 * *", "2024-05-13T00:00:00+00:00", "2024-04-13T00:00:00+00:00"),
        ("0 0 */1 * 5", "2024-05-10T00:00:00+00:00", "2024-05-03T00:00:00+00:00"),
        ("0 0 29 feb *", "2028-02-29T00:00:00+00:00", "2024-02-29T00:00:00+00:00"),
        ("+5/20,, 7 * * *", "2024-05-06T07:25:00+00:00", "2024-05-06T07:05:00+00:00"),
    ],
)
def test_lines(line: str, after: str, before: str) -> None:
    """Each construct of the language, on a Monday."""
    schedule = cron.parse(line)
    assert schedule.next(_MONDAY) == datetime.fromisoformat(after)
    assert schedule.previous(_MONDAY) == datetime.fromisoformat(before)


@pytest.mark.parametrize(
    ("line", "timezone", "why"),
    [
        ("0 0 0 * *", "", "beginning of range (0) below minimum (1): 0"),
        ("5-1 * * * *", "", "beginning of range (5) beyond end of range (1): 5-1"),
        ("1-2-3 * * * *", "", "too many hyphens: 1-2-3"),
        ("1/2/3 * * * *", "", "too many slashes: 1/2/3"),
        ("*/-2 * * * *", "", "negative number (-2) not allowed: -2"),
        ("1- * * * *", "", 'failed to parse int from : strconv.Atoi: parsing "": invalid syntax'),
        (f"{2**63} * * * *", "", f'failed to parse int from {2**63}: strconv.Atoi: parsing "{2**63}": value out of range'),
        ("TZ=Mars/Base * * * * *", "", "provided bad location Mars/Base: unknown time zone Mars/Base"),
        ("TZ=UTC", "", "expected exactly 5 fields, found 0: []"),
        ("* * * * *", "../UTC", "time: invalid location name"),
    ],
)
def test_refused_lines(line: str, timezone: str, why: str) -> None:
    """What is wrong is said in the words that users know."""
    with pytest.raises(ValueError, match=r".") as caught:
        cron.parse(line, timezone)
    assert str(caught.value) == why


def test_the_line_may_bring_its_own_zone() -> None:
    """Then the line is read in that zone, and the answer is given in the one beside it."""
    found = cron.parse("CRON_TZ=America/New_York 0 9 * * *", "Asia/Tokyo").next(_MONDAY)
    assert found is not None
    assert found.isoformat() == "2024-05-06T22:00:00+09:00"


def test_a_time_that_comes_twice_counts_twice() -> None:
    """When the clock goes back, 02:30 happens in summer time and an hour later in winter time."""
    schedule = cron.parse("30 2 * * *", "Europe/Prague")
    first = schedule.next(datetime(2024, 10, 27, 0, 0, tzinfo=UTC))
    assert first is not None
    second = schedule.next(first)
    assert second is not None
    assert (first.isoformat(), second.isoformat()) == ("2024-10-27T02:30:00+02:00", "2024-10-27T02:30:00+01:00")
    assert schedule.previous(second) == first


def test_a_day_that_never_comes() -> None:
    """The search ends after five years, in both directions, and with an empty list it finds nothing either."""
    for line in ("0 0 30 2 *", "0 0 31 4,6 *", ", * * * *"):
        assert cron.parse(line).next(_MONDAY) is None
        assert cron.parse(line).previous(_MONDAY) is None


_FIELD = st.sampled_from(["*", "?", "0", "3-5", "*/7", "1,2", "4"])
_DAY = st.sampled_from(["*", "?", "1", "3-5", "*/7", "1,6", "4"])
_ZONES = st.sampled_from(["", "Europe/Prague", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu"])
_MOMENTS = st.datetimes(datetime(2015, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - given below


@given(st.tuples(_FIELD, _FIELD, _DAY, _DAY, _DAY).map(" ".join), _ZONES, _MOMENTS)
def test_next_and_previous_are_neighbours(line: str, timezone: str, moment: datetime) -> None:
    """What comes after is in the line's terms, and nothing lies between it and the one before."""
    schedule = cron.parse(line, timezone)
    after, before = schedule.next(moment), schedule.previous(moment)
    if after is None or before is None:
        return
    assert before < moment < after
    assert after.second == 0
    assert after.minute in schedule.minutes
    assert after.hour in schedule.hours
    assert after.tzinfo in {UTC, ZoneInfo(timezone or "UTC")}
    between = schedule.next(before)
    assert between is not None
    whole = moment.replace(microsecond=0)
    assert between in {after, whole}
    assert schedule.previous(after + timedelta(seconds=1)) == after


@given(st.text(alphabet="0123456789*?/-,@ \tTZ=MONjan+é", max_size=30))
def test_any_text_is_read_or_refused(line: str) -> None:
    """Whatever a document says, it is a schedule or a `ValueError`."""
    try:
        schedule = cron.parse(line)
    except ValueError:
        return
    assert schedule.zone is UTC


def test_the_local_zone_is_that_of_the_trigger() -> None:
    """`TZ=Local` in front of a line changes nothing: Go takes the zone of the moment that it is asked about."""
    schedule = cron.parse("TZ=Local 0 10 * * *", "Europe/Prague")
    assert schedule.next(_MONDAY) == datetime(2024, 5, 6, 10, tzinfo=ZoneInfo("Europe/Prague"))
