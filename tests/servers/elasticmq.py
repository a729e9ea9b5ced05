"""ElasticMQ: the SQS of the load and chaos tests."""

from pathlib import Path

from argosy.servers.process import Process, Server, answers, free_port

CONFIGURATION = """\
include classpath("application.conf")
aws {{ region = us-east-1, accountId = "123456789012" }}
node-address {{ protocol = http, host = "127.0.0.1", port = {advertised}, context-path = "" }}
rest-sqs {{ enabled = true, bind-port = {port}, bind-hostname = "127.0.0.1", sqs-limits = strict }}
rest-stats {{ enabled = false }}
queues-storage {{ enabled = false }}
messages-storage {{ enabled = false }}
"""


class ElasticMQ(Server):
    """ElasticMQ on a free loopback port; what it holds is gone when it ends.

    `advertised` is the port in the queue addresses that it hands out: a proxy's, where clients come through one.
    """

    def __init__(self, jars: Path, folder: Path, *, advertised: int | None = None) -> None:
        """Prepare the server with the folder of its jars; nothing runs yet."""
        self.port = free_port()
        self._advertised = advertised or self.port
        self._configuration = folder / "elasticmq.conf"
        self.process = Process(
            "ElasticMQ",
            [
                "java",
                "-Xmx1g",
                f"-Dconfig.file={self._configuration}",
                "-cp",
                f"{jars}/*",
                "org.elasticmq.server.Main",
            ],
            log=folder / "elasticmq.log",
        )

    @property
    def endpoint_url(self) -> str:
        """What AWS clients take as their endpoint."""
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Start it; returns when it answers."""
        self._configuration.parent.mkdir(parents=True, exist_ok=True)
        self._configuration.write_text(CONFIGURATION.format(port=self.port, advertised=self._advertised))
        self.process.start(lambda: answers(f"{self.endpoint_url}/health"))
