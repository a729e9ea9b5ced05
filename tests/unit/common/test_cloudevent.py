"""The event on the wire. The golden corpus in tests/conformance says more."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from cloudevents.core.formats.json import JSONFormat
from cloudevents.core.v1.event import CloudEvent as Sdk
from hypothesis import given
from hypothesis import strategies as st

from common import cloudevent
from common.cloudevent import CloudEvent
from common.errors import Rejected


def event(**over: object) -> CloudEvent:
    """Make an event of the SQS source."""
    fields = {"id": "1", "source": "orders", "type": "sqs", "subject": "created", "datacontenttype": "application/json"}
    return CloudEvent(**{**fields, "time": "2024-05-06T07:08:09.123456Z", "data": b"{}", **over})


@pytest.mark.promise("E1")
@given(st.binary(), st.text(alphabet=st.characters(exclude_categories=["Cs"]), min_size=1))
def test_what_is_written_is_read(data: bytes, name: str) -> None:
    """Any payload and any extension survive the bus."""
    written = event(data=data, extensions={"sqssenttimestamp": name})
    assert cloudevent.load(cloudevent.dump(written)) == written


def test_the_official_sdk_reads_what_we_write() -> None:
    """Our bytes are CloudEvents for everybody."""
    read = JSONFormat().read(Sdk, cloudevent.dump(event(data=b'{"a":1}', extensions={"traceparent": "00-x"})))
    assert (read.get_id(), read.get_source(), read.get_data()) == ("1", "orders", b'{"a":1}')
    assert read.get_extension("traceparent") == "00-x"


def test_the_keys_stand_in_the_order_of_the_go_sdk() -> None:
    """Byte for byte what Argo Events puts on the bus."""
    assert cloudevent.dump(event()) == (
        b'{"specversion":"1.0","id":"1","source":"orders","type":"sqs","subject":"created",'
        b'"datacontenttype":"application/json","time":"2024-05-06T07:08:09.123456Z","data_base64":"e30="}'
    )


@pytest.mark.parametrize("text", [b"", b"null", b"[]", b"5", b'{"id":"1"}', b'{"specversion":"1.0","id":5}', b"\xff"])
def test_what_is_no_event_is_rejected(text: bytes) -> None:
    """Nothing from the bus can crash a sensor (X1): it is parked with the reason."""
    with pytest.raises(Rejected) as caught:
        cloudevent.load(text)
    assert caught.value.reason == "unreadable"


def test_timestamps_are_written_as_go_writes_them() -> None:
    """UTC, no trailing zeros."""
    assert cloudevent.timestamp(datetime(2024, 5, 6, 7, 8, 9, 120000, UTC)) == "2024-05-06T07:08:09.12Z"
    assert cloudevent.timestamp(datetime(2024, 5, 6, 7, 8, 9, 0, UTC)) == "2024-05-06T07:08:09Z"
    ahead = timezone(timedelta(hours=2))
    assert cloudevent.timestamp(datetime(2024, 5, 6, 7, 8, 9, 5, ahead)) == "2024-05-06T05:08:09.000005Z"
