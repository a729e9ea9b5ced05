"""What was sent, what became of it, and whether the two agree."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

_KINDS: tuple[Callable[[int], str], ...] = (
    lambda number: f"order {number}",
    lambda number: json.dumps({"order": number, "items": ["tea", "rusk"], "total": 12.5}),
    lambda number: f"""order {number}: a "quoted" word, and a 'quoted' one""",
    lambda number: f"order {number}\n  on three lines,\n  the last one empty\n",
    lambda number: f"order {number}: 🍵 für Zoë",
)


def body(number: int) -> str:
    """Write the body of a message: text, JSON, quotes, line ends and emoji in turn, each with its number in it."""
    return _KINDS[number % len(_KINDS)](number)


@dataclass(slots=True)
class Message:
    """One message, and the first Workflow that was made of it."""

    number: int
    body: str
    sent: float
    workflow: str = ""
    seconds: float = 0.0


@dataclass
class Books:
    """All messages and all Workflows of one run. A Workflow belongs to the message whose body is its parameter."""

    messages: dict[str, Message] = field(default_factory=dict)
    doubled: list[str] = field(default_factory=list)
    strange: list[str] = field(default_factory=list)
    _seen: set[str] = field(default_factory=set)

    def send(self, number: int, now: float) -> Message:
        """Note that a message is being sent."""
        message = Message(number, body(number), now)
        self.messages[message.body] = message
        return message

    def create(self, workflow: Mapping[str, Any], now: float) -> Message | None:
        """Note a Workflow. Gives the message, if this is the first Workflow of one."""
        name = str(workflow["metadata"]["name"])
        if name in self._seen:
            return None
        self._seen.add(name)
        message = self.messages.get(parameter(workflow) or "")
        if message is None:
            self.strange.append(name)
        elif message.workflow:
            self.doubled.append(name)
        else:
            message.workflow, message.seconds = name, now - message.sent
            return message
        return None

    @property
    def done(self) -> list[Message]:
        """The messages that became a Workflow with their very body in it."""
        return [message for message in self.messages.values() if message.workflow]

    @property
    def lost(self) -> list[Message]:
        """The messages that did not."""
        return [message for message in self.messages.values() if not message.workflow]

    def percentile(self, share: float) -> float:
        """Give the seconds within which this share of the Workflows existed; 0 where there are none."""
        seconds = sorted(message.seconds for message in self.done)
        return seconds[min(len(seconds) - 1, int(share * len(seconds)))] if seconds else 0.0

    @property
    def balanced(self) -> bool:
        """Whether every message became exactly one Workflow, and nothing else appeared."""
        return not (self.lost or self.doubled or self.strange)


def parameter(workflow: Mapping[str, Any]) -> str | None:
    """Give the value of the Workflow's first parameter, if it has one."""
    try:
        value = workflow["spec"]["arguments"]["parameters"][0]["value"]
    except (KeyError, IndexError, TypeError):
        return None
    return value if isinstance(value, str) else None
