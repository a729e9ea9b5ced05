"""The eye on every pod while faults rage: at each scrape received = outcomes + in hand (H1), and nobody ends unasked (C6)."""

import threading

from tests.chaos.pods import Pod

SERIES = {"eventsource": "argosy_source", "sensor": "argosy_sensor"}
PAUSE = 0.5


class Watch:
    """Scrapes all pods again and again. `faults`: what must not be, in words."""

    def __init__(self, pods: list[Pod]) -> None:
        """Take the pods; nothing is asked yet."""
        self.scrapes = 0
        self.faults: list[str] = []
        self._pods = pods
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="watch")

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """End."""
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stop.wait(PAUSE):
            for pod in self._pods:
                if pod.meant_up:
                    self._look(pod)

    def _look(self, pod: Pod) -> None:
        if not pod.process.alive and pod.meant_up:
            self.faults.append(f"{pod.name} ended by itself: {pod.process.tail(5)}")
            pod.start()
        status, why = pod.read("livez")
        if status >= 400:
            self.faults.append(f"{pod.name} says that it does not live: {why}")
        status, text = pod.read("metrics")
        if status == 200:
            self.scrapes += 1
            received, settled, in_hand = books(pod.kind, text)
            if received != settled + in_hand:
                self.faults.append(f"{pod.name}: received {received:g}, but {settled:g} outcomes and {in_hand:g} in hand")


def books(kind: str, text: str) -> tuple[float, float, float]:
    """Read one scrape: received, outcomes, in hand."""
    prefix = SERIES[kind]
    totals = dict.fromkeys(
        (f"{prefix}_messages_received_total", f"{prefix}_outcomes_total", f"{prefix}_messages_in_flight"), 0.0
    )
    for line in text.splitlines():
        name, _, value = line.rpartition(" ")
        series = name.partition("{")[0]
        if series in totals:
            totals[series] += float(value)
    received, settled, in_hand = totals.values()
    return received, settled, in_hand
