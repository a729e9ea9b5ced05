"""Prometheus: scrapes what a test names, and answers its queries."""

import json
import urllib.parse
import urllib.request
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from argosy.servers.process import Process, Server, answers, free_port


class Prometheus(Server):
    """A server of a test's own on a free loopback port."""

    def __init__(
        self, program: Path, folder: Path, targets: Mapping[int, Mapping[str, str]], *, rules: Path, interval: str = "1s"
    ) -> None:
        """Take the ports to scrape with the labels of each, and the rules to evaluate; nothing runs yet."""
        folder.mkdir(parents=True, exist_ok=True)
        self.address = f"http://127.0.0.1:{free_port()}"
        config = {
            "global": {"scrape_interval": interval, "evaluation_interval": interval},
            "rule_files": [str(rules)],
            "scrape_configs": [
                {
                    "job_name": "argosy",
                    "honor_labels": True,
                    "static_configs": [
                        {"targets": [f"127.0.0.1:{port}"], "labels": dict(labels)} for port, labels in targets.items()
                    ],
                }
            ],
        }
        file = folder / "prometheus.yaml"
        file.write_text(yaml.safe_dump(config))
        command: Sequence[str | Path] = [
            program,
            f"--config.file={file}",
            f"--storage.tsdb.path={folder / 'data'}",
            f"--web.listen-address={self.address.removeprefix('http://')}",
        ]
        self.process = Process("prometheus", command, log=folder / "prometheus.log")

    def start(self) -> None:
        """Start it; returns when it answers queries."""
        self.process.start(lambda: answers(f"{self.address}/-/ready"))

    def ask(self, path: str, **parameters: str | float) -> Any:  # noqa: ANN401 - JSON
        """Ask its HTTP interface: `ask("query", query="up")`. A query that is none raises `urllib.error.HTTPError`."""
        url = f"{self.address}/api/v1/{path}?{urllib.parse.urlencode(parameters)}"
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(url, timeout=30) as answer:
            return json.loads(answer.read())["data"]
