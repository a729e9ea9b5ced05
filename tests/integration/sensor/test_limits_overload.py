"""An API server that fails at random: it is asked for less, and no event pays for it."""

import pytest

from tests.integration.sensor.faulty import KINDS, spoiling
from tests.integration.sensor.rig import Rig, eventually


@pytest.mark.promise("D3")
def test_a_third_of_the_calls_fails_and_no_event_pays_for_it(rig: Rig) -> None:
    """30 % of the creates get 429, 500, 503, or are cut before or after they were done: each event has its one Workflow.

    Nothing is parked and no attempt is counted, and the sensor asks for less at a time than it might. Let `answers` make
    `Failed` of a 500 to see it fail.
    """
    lowest = 16.0
    with spoiling(rig, 0.3, seed=7) as faulty:
        sensor = rig.sensor(KUBECONFIG=str(faulty.kubeconfig(rig)), SENSOR_IN_FLIGHT="16").start()
        sensor.counts(16, "argosy_sensor_in_flight_limit")
        rig.publish(range(100))

        def done() -> bool:
            nonlocal lowest
            lowest = min(lowest, sensor.total("argosy_sensor_in_flight_limit"))
            return rig.count() >= 100

        eventually("all Workflows", done, 60)
        eventually("nothing in hand", lambda: rig.unread() == 0)
        assert rig.values() == sorted(f"body {n}" for n in range(100))
        assert all(faulty.spoiled[kind] for kind in KINDS), faulty.spoiled
        assert rig.dead() == []
        assert sensor.total("argosy_sensor_outcomes_total", outcome="retried") == 0
        assert sensor.total("argo_events_action_failed_total") == 0
        assert lowest < 16
