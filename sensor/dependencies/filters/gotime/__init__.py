"""Times as Go reads them: layouts such as `2006-01-02 15:04:05`, days of any year, IANA zones.

    moment = parse("2006-01-02 15:04:05", "2024-05-06 07:08:09")        a `Moment` in UTC; raises `Unparsable`
    zone = Zone.named("Europe/Prague")                                  raises `UnknownZone`
    moment = parse("2006-01-02 15:04:05", "2024-05-06 07:08:09", zone)

Python's own parsers accept and refuse other texts, and know no year 0, which an event without a time can lead to.
"""

from sensor.dependencies.filters.gotime.civil import Moment, date_text
from sensor.dependencies.filters.gotime.parse import Unparsable, parse
from sensor.dependencies.filters.gotime.zone import UTC, UnknownZone, Zone

__all__ = ["UTC", "Moment", "UnknownZone", "Unparsable", "Zone", "date_text", "parse"]
