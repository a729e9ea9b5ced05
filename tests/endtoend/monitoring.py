"""What the bus tells about itself over HTTP, asked as KEDA's scaler for JetStream asks it."""

import json
import urllib.request
from typing import Any


def stream(endpoint: str, name: str, account: str = "$G") -> dict[str, Any] | None:
    """Give a stream with its state and its consumers; None where there is none."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(f"http://{endpoint}/jsz?acc={account}&consumers=true&config=true", timeout=10) as answer:
        accounts = json.loads(answer.read()).get("account_details") or []
    found = [s for a in accounts if a["name"] == account for s in a.get("stream_detail") or [] if s["name"] == name]
    return found[0] if found else None


def consumer(detail: dict[str, Any], name: str) -> dict[str, Any] | None:
    """Give one of its consumers; None where there is none."""
    return next((c for c in detail.get("consumer_detail") or [] if c["name"] == name), None)


def unread(detail: dict[str, Any]) -> int:
    """Count what its consumers have not settled."""
    return sum(c["num_pending"] + c["num_ack_pending"] for c in detail.get("consumer_detail") or [])
