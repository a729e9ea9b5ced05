"""Who a firing is: the same from any pod and release, different for everything else."""

import re

from hypothesis import given
from hypothesis import strategies as st

from sensor import identity
from tests.fakes_sensor import event

DNS = re.compile(r"[a-z0-9]([-a-z0-9.]*[a-z0-9])?")


def test_the_hash_never_changes() -> None:
    """These very digits stand in annotations and ledgers of users: another answer would be a second Workflow."""
    events = {"b": event(2), "a": event(1)}
    digest = identity.firing("ns", "sensor", "trigger", events)
    assert digest == "eddacc3140715005f505e67dd51d1f3bf8e53c62cf606f9683b257c59ee4ba71"
    assert identity.object_name("order-", digest) == "order-5xnmymkaofial5if4z65"
    assert identity.firing("ns", "sensor", "trigger", dict(sorted(events.items()))) == digest


def test_everything_that_makes_a_firing_counts() -> None:
    """Namespace, sensor, trigger, dependency, source, subject and id each make another firing."""
    base = ("ns", "s", "t", {"d": event(1)})
    others = [
        ("n", "ss", "t", {"d": event(1)}),
        ("ns", "x", "t", {"d": event(1)}),
        ("ns", "s", "x", {"d": event(1)}),
        ("ns", "s", "t", {"x": event(1)}),
        ("ns", "s", "t", {"d": event(1, source="x")}),
        ("ns", "s", "t", {"d": event(1, subject="x")}),
        ("ns", "s", "t", {"d": event(2)}),
        ("ns", "s", "t", {"d": event(1), "e": event(1)}),
    ]
    assert len({identity.firing(*one) for one in (base, *others)}) == len(others) + 1


@given(st.from_regex(r"[a-z0-9]([-a-z0-9]{0,80})-?", fullmatch=True), st.binary(min_size=32, max_size=32))
def test_names_are_names(prefix: str, digest: bytes) -> None:
    """Whatever stands in generateName, the name is at most 63 characters and ends with 20 of the hash."""
    name = identity.object_name(prefix, digest.hex())
    assert len(name) <= 63
    assert name[:-20] == prefix[:43]
    assert re.fullmatch(r"[a-z2-7]{20}", name[-20:])
    assert DNS.fullmatch(name)


def test_the_message_id_is_written_as_sqs_does() -> None:
    """People search for what the SQS console shows them."""
    assert identity.message_id(event(id="0123456789abcdef0123456789abcdef")) == "01234567-89ab-cdef-0123-456789abcdef"
    assert identity.message_id(event(type="webhook")) == ""
