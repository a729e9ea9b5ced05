"""Dates and lengths of time. The results are those of sprig 3.3 itself."""

import pytest

from common.sprig import FUNCTIONS, Int64
from common.sprig.printing import show


@pytest.mark.parametrize(
    ("name", "arguments", "printed"),
    [
        ("date", ("2006-01-02T15:04:05.000Z07:00", Int64(1714979289)), "2024-05-06T07:08:09.000Z"),
        ("dateInZone", ("Mon Jan _2 15:04 MST 2006", Int64(1711846800), "Europe/Prague"), "Sun Mar 31 03:00 CEST 2024"),
        ("dateInZone", ("15:04", 0, "Nowhere/X"), "00:00"),
        ("htmlDate", (Int64(0),), "1970-01-01"),
        ("toDate", ("02.01.2006", "31.12.2024"), "2024-12-31 00:00:00 +0000 UTC"),
        ("toDate", ("2006-01-02", "2024-02-30"), "0001-01-01 00:00:00 +0000 UTC"),
        ("htmlDateInZone", (Int64(253402300799), "Pacific/Apia"), "10000-01-01"),
        ("duration", ("3661",), "1h1m1s"),
        ("duration", (5,), "0s"),
        ("durationRound", ("2400h10m5s",), "3mo"),
        ("durationRound", ("1h",), "60m"),
        ("date", ("__2 002 pm .999", Int64(5)), "  1 001 am "),
    ],
)
def test_it_gives_what_sprig_gives(name: str, arguments: tuple[object, ...], printed: str) -> None:
    """Templates that users bring along go on to mean the same."""
    result = FUNCTIONS[name](*arguments)
    assert ("<no value>" if result is None else show(result)) == printed
