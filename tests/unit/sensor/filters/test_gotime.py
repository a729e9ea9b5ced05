"""Times are read as Go reads them."""

import contextlib
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sensor.dependencies.filters.gotime import UnknownZone, Unparsable, Zone, date_text, parse
from sensor.dependencies.filters.gotime.fields import READERS

CLOCK = "2006-01-02 15:04:05"
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("layout", "text", "wanted"),
    [
        (CLOCK, "2024-05-06 07:08:09", "2024-05-06T07:08:09"),
        (CLOCK, "2024-05-06    7:08:09", "2024-05-06T07:08:09"),
        (CLOCK, "2024-05-06 07:08:09.5", "2024-05-06T07:08:09.500000"),
        ("Mon Jan _2 15:04:05 2006", "tue JAN  2 15:04:05 2024", "2024-01-02T15:04:05"),
        ("Mon Jan _2 15:04:05 MST 2006", "Tue Jan 2 15:04:05 CEST 2024", "2024-01-02T15:04:05"),
        ("Mon Jan 02 15:04:05 -0700 2006", "Tue Jan 02 15:04:05 -0130 2024", "2024-01-02T16:34:05"),
        ("2006-01-02T15Z0700", "2024-01-02T15+0200", "2024-01-02T13:00:00"),
        ("2006-01-02T15:04:05Z07:00", "2024-01-02T15:00:00,25Z", "2024-01-02T15:00:00.250000"),
        ("2006-01-02", "2024-02-29", "2024-02-29T00:00:00"),
    ],
)
def test_texts_that_are_times(layout: str, text: str, wanted: str) -> None:
    """Go is generous in places of its own."""
    moment = parse(layout, text)
    found = EPOCH + timedelta(seconds=moment.seconds, microseconds=moment.nanoseconds // 1000)
    assert found.replace(tzinfo=None).isoformat() == wanted


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("2024-05-06 x", 'parsing time "2024-05-06 x" as "2006-01-02 15:04:05": cannot parse "x" as "15"'),
        ("2024-05-06 09:00", 'parsing time "2024-05-06 09:00" as "2006-01-02 15:04:05": cannot parse "" as ":"'),
        ("2024-05-06 09:0:00", 'parsing time "2024-05-06 09:0:00" as "2006-01-02 15:04:05": cannot parse "0:00" as "04"'),
        ("2024-05-06 24:00:00", 'parsing time "2024-05-06 24:00:00": hour out of range'),
        ("2024-05-06 09:00:00Z", 'parsing time "2024-05-06 09:00:00Z": extra text: "Z"'),
        ("2023-02-29 09:00:00", 'parsing time "2023-02-29 09:00:00": day out of range'),
    ],
)
def test_texts_that_are_none(text: str, words: str) -> None:
    """The error is Go's, word for word: the corpus asks for it."""
    with pytest.raises(Unparsable) as caught:
        parse(CLOCK, text)
    assert str(caught.value) == words


def test_gaps_and_overlaps_of_a_zone() -> None:
    """Where summer time begins and ends, a local time is two moments or none; Go picks one by a rule."""
    prague = Zone.named("Europe/Prague")
    assert parse(CLOCK, "2024-03-31 02:30:00", prague) == parse(CLOCK, "2024-03-31 01:30:00")
    assert parse(CLOCK, "2024-10-27 02:30:00", prague) == parse(CLOCK, "2024-10-27 01:30:00")
    assert parse(CLOCK, "2024-07-01 12:00:00", prague) == parse(CLOCK, "2024-07-01 10:00:00")


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("Mars/Base", "unknown time zone Mars/Base"),
        ("europe/prague", "unknown time zone europe/prague"),
        ("x\x00", "unknown time zone x\x00"),
        ("../etc/passwd", "time: invalid location name"),
        ("/etc/localtime", "time: invalid location name"),
    ],
)
def test_unknown_zones(name: str, why: str) -> None:
    """A wrong zone is named, and no other file is read."""
    with pytest.raises(UnknownZone) as caught:
        Zone.named(name)
    assert str(caught.value) == why


@given(st.datetimes(min_value=datetime(1, 1, 1), max_value=datetime(9999, 12, 31)))  # noqa: DTZ001 - hypothesis wants them so
def test_days_come_back(moment: datetime) -> None:
    """The calendar is the one that everybody else has."""
    read = parse(CLOCK, f"{moment.year:04}{moment:-%m-%d %H:%M:%S}")
    assert EPOCH + timedelta(seconds=read.seconds) == moment.replace(microsecond=0, tzinfo=UTC)
    assert date_text(read.seconds) == f"{moment.year:04}{moment:-%m-%d}"


@given(
    st.sampled_from([CLOCK, "3:04PM", "Mon Jan _2 15:04:05 MST 2006"]),
    st.text("0123456789 :-+.,ZAPMGTjanuary", max_size=30),
)
def test_any_text_gives_a_time_or_our_error(layout: str, text: str) -> None:
    """No text of a user may crash the sensor."""
    with contextlib.suppress(Unparsable):
        parse(layout, text)


def test_every_field_is_read() -> None:
    """Layouts are cut by these names, so none may be a piece of text in them."""
    assert all(READERS)
