"""The books: every message that was sent has exactly one Workflow with exactly its body, now and later."""

from collections import defaultdict
from contextlib import suppress
from dataclasses import dataclass, field

from argosy.servers.kubeclient import WORKFLOWS
from tests.chaos.traffic import Traffic, number_of
from tests.chaos.world import World


@dataclass
class Books:
    """What was found so far. `names`: the Workflows of each message; `strange`: Workflows with a body nobody sent."""

    names: dict[int, set[str]] = field(default_factory=lambda: defaultdict(set))
    strange: list[str] = field(default_factory=list)

    def take(self, world: World, traffic: Traffic) -> None:
        """Enter all Workflows that exist and delete them: one that comes after that is a second one all the same."""
        for workflow in world.rig.workflows():
            body = workflow["spec"]["arguments"]["parameters"][0].get("value", "")
            name, number = workflow["metadata"]["name"], number_of(body)
            if 0 <= number < len(traffic.bodies) and traffic.bodies[number] == body:
                self.names[number].add(f"{name} ({workflow['metadata']['uid']})")
            else:
                self.strange.append(f"{name}: {body[:200]!r}")
        while world.rig.count():
            with suppress(OSError):  # thousands take a busy server longer than a client waits
                world.kube.client.delete(f"{WORKFLOWS}/namespaces/{world.rig.namespace}/workflows")

    def lost(self, traffic: Traffic) -> list[int]:
        """Give the numbers of the messages without a Workflow."""
        return [number for number in range(len(traffic.bodies)) if not self.names.get(number)]

    def doubled(self) -> list[int]:
        """Give the numbers of the messages with more than one."""
        return sorted(number for number, names in self.names.items() if len(names) > 1)
