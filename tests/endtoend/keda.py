"""KEDA over the pods of one Deployment: it reads the chart's ScaledObject, asks what KEDA asks, and starts and ends pods.

How KEDA decides: pkg/scalers/aws_sqs_queue_scaler.go and nats_jetstream_scaler.go of github.com/kedacore/keda, and
https://keda.sh/docs/latest/concepts/scaling-deployments/. A queue's length counts what is in flight; a consumer's lag counts
what waits for its acknowledgement. Of a stream without that consumer KEDA takes the last sequence, of no stream nothing.
More than nothing is one pod at least, and its autoscaler gives each pod its threshold.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, TypeVar

from argosy.servers.process import Process
from tests.charts.pods import Pod
from tests.charts.release import NAME, Release
from tests.endtoend import monitoring
from tests.servers.sqs import call

T = TypeVar("T")
SCALED = "/apis/keda.sh/v1alpha1::scaledobjects"


@dataclass
class Scaled:
    """The ScaledObject of one component of a release. `most`: the most pods that there were."""

    release: Release
    component: str
    sqs: str
    pods: list[Pod] = field(default_factory=list)
    most: int = 0
    _busy: float = 0.0

    @property
    def spec(self) -> dict[str, Any]:
        """What the chart says."""
        found: dict[str, Any] = self.release.read(f"{SCALED}/{NAME}-{self.component}-orders")["spec"]
        return found

    def figures(self) -> dict[str, list[tuple[int, int]]]:
        """Ask everything that KEDA would: type of trigger → value and threshold of each."""
        figures: dict[str, list[tuple[int, int]]] = {"aws-sqs-queue": [], "nats-jetstream": []}
        for trigger in self.spec["triggers"]:
            metadata = trigger["metadata"]
            if trigger["type"] == "aws-sqs-queue":
                figures["aws-sqs-queue"].append((self._length(metadata), int(metadata["queueLength"])))
            else:
                figures["nats-jetstream"].append((self._lag(metadata), int(metadata["lagThreshold"])))
        return figures

    def wanted(self) -> int:
        """Say how many pods there should be by that alone."""
        figures = [figure for found in self.figures().values() for figure in found]
        return min(self.spec["maxReplicaCount"], max(-(-value // threshold) for value, threshold in figures))

    def follow(self) -> None:
        """Scale as KEDA would: to nothing only after a while without work."""
        wanted = self.wanted()
        if wanted:
            self._busy = time.monotonic()
        elif time.monotonic() - self._busy < self.spec["cooldownPeriod"]:
            return
        self.scale(max(wanted, self.spec["minReplicaCount"]))

    def scale(self, count: int) -> None:
        """Start pods, or end the youngest in good order."""
        surplus, self.pods = self.pods[count:], self.pods[:count]
        end(surplus)
        more = [self.release.pod(self.component) for _ in range(count - len(self.pods))]
        self.pods += more
        at_once(more, Pod.start)
        self.most = max(self.most, count)

    def _length(self, metadata: Mapping[str, str]) -> int:
        url = metadata["queueURL"]
        if "://" not in url:
            url = call(self.sqs, "GetQueueUrl", QueueName=url)["QueueUrl"]
        names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        found = call(self.sqs, "GetQueueAttributes", QueueUrl=url, AttributeNames=names)["Attributes"]
        return sum(int(found[name]) for name in names)

    def _lag(self, metadata: Mapping[str, str]) -> int:
        endpoint = self.release.node.names[metadata["natsServerMonitoringEndpoint"]]
        detail = monitoring.stream(endpoint, metadata["stream"], metadata["account"])
        if detail is None:
            return 0
        found = monitoring.consumer(detail, metadata["consumer"])
        return int(found["num_pending"] + found["num_ack_pending"] if found else detail["state"]["last_seq"])


def end(pods: Sequence[Pod]) -> None:
    """SIGTERM to all of them at the same time; each has to end in good order."""
    codes = at_once(pods, lambda pod: pod.process.stop(deadline=60))
    assert codes == [0] * len(pods), f"{codes}: {tails([pod.process for pod in pods])}"


def at_once(pods: Sequence[Pod], what: Callable[[Pod], T]) -> list[T]:
    """Do the same with all of them at the same time."""
    with ThreadPoolExecutor(max_workers=max(1, len(pods))) as hands:
        return list(hands.map(what, pods))


def tails(processes: Sequence[Process]) -> str:
    """Quote the logs, for a test that failed."""
    return "\n".join(f"--- {process.name}\n{process.tail(15)}" for process in processes)


def follow(scaled: Sequence[Scaled], what: str, until: Callable[[], bool], seconds: float = 240) -> None:
    """Scale all, again and again, until something is true."""
    deadline = time.monotonic() + seconds
    while not until():
        assert time.monotonic() < deadline, f"not within {seconds:g} s: {what}; {[each.figures() for each in scaled]}"
        for each in scaled:
            each.follow()
        time.sleep(min(each.spec["pollingInterval"] for each in scaled))
