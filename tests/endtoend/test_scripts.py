"""jq and Lua in a document of the user's, through both services."""

from typing import Any

import pytest

from tests.endtoend.forms import drop_in, sensor
from tests.endtoend.rig import Rig, encoded, eventually
from tests.endtoend.test_outage import parked


def scripted(rig: Rig, **dependency: Any) -> dict[str, Any]:  # noqa: ANN401 - any part of a document
    """Write the Sensor with a transform or filters for its one dependency."""
    document = sensor(rig)
    document["spec"]["dependencies"][0] |= dependency
    return document


@pytest.mark.promise("A5")
def test_transforms_and_scripts_run_in_processes_of_their_own(rig: Rig) -> None:
    """A jq program reshapes, Lua decides, and a message over which a script hangs is parked while its neighbours go on."""
    source, service = drop_in(rig)
    lua = "while event.body == 'hang' do end return event.body ~= 'no'"
    document = scripted(rig, transform={"jq": ".body |= ascii_downcase"}, filters={"script": lua})
    service.process.env |= {"SENSOR_OBJECT": encoded(document), "SENSOR_SCRIPT_SECONDS": "5"}
    source.start()
    service.start()
    rig.queue.send_many("YES", "NO", "HANG", "Also")
    rig.settled(2)
    eventually("the message that hangs is parked", lambda: parked(rig) == 1, 30)
    eventually("all four are counted", lambda: service.total("argosy_sensor_outcomes_total") == 4, 30)
    bodies = sorted(w["spec"]["arguments"]["parameters"][0]["value"] for w in rig.workflows())
    assert bodies == ["also", "yes"]
    series = service.metrics()
    assert sum(v for k, v in series.items() if k.startswith("argosy_sensor_filtered_total") and 'filter="script"' in k) == 1
    assert sum(v for k, v in series.items() if "argosy_sensor_dead_letters_total" in k and "script_timeout" in k) == 1
    assert service.process.stop(deadline=30) == 0
