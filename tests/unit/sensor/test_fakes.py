"""The doubles behave as the real things do."""

import pytest

from tests.contracts.sensor import (
    AttemptsContract,
    AttemptsSubject,
    ClusterContract,
    ClusterSubject,
    JoinContract,
    JoinSubject,
    LedgerContract,
    LedgerSubject,
)
from tests.fakes_eventsource import play
from tests.fakes_sensor import FakeAttempts, FakeCluster, FakeJoinState, FakeLedger


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


class TestFakeJoinState(JoinContract):
    """The state of a join in memory."""

    @pytest.fixture
    def subject(self) -> JoinSubject:
        """Give an empty one to two replicas."""
        state = FakeJoinState()
        return JoinSubject(state, state, play)
