"""The doubles behave as the real things do."""

import pytest

from tests.contracts.sensor import (
    AttemptsContract,
    AttemptsSubject,
    ClusterContract,
    ClusterSubject,
    LedgerContract,
    LedgerSubject,
)
from tests.fakes_eventsource import play
from tests.fakes_sensor import FakeAttempts, FakeCluster, FakeLedger


class TestFakeCluster(ClusterContract):
    """The cluster in memory."""

    @pytest.fixture
    def subject(self) -> ClusterSubject:
        """Give an empty one."""
        return ClusterSubject(FakeCluster(), "ns", play)


class TestFakeLedger(LedgerContract):
    """The ledger in memory."""

    @pytest.fixture
    def subject(self) -> LedgerSubject:
        """Give an empty one."""
        return LedgerSubject(FakeLedger(), play)


class TestFakeAttempts(AttemptsContract):
    """The attempts in memory."""

    @pytest.fixture
    def subject(self) -> AttemptsSubject:
        """Give none."""
        return AttemptsSubject(FakeAttempts(), play)
