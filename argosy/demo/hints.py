"""What to try while `argosy demo --keep` is up."""

import json
import sys

from rich.console import Console

from argosy.demo.children import NAMESPACE
from argosy.demo.cluster import write_secret
from argosy.demo.pipeline import Pipeline
from argosy.demo.queue import Queue
from argosy.servers.apiserver import ApiServer


def show(console: Console, running: Pipeline, queue: Queue) -> None:
    """Print the commands."""
    message = json.dumps({"QueueUrl": queue.url, "MessageBody": "hello"})
    headers = {**queue.headers, "X-Amz-Target": "AmazonSQS.SendMessage"}
    options = " ".join(f"-H '{name}: {value}'" for name, value in headers.items())
    path = f"/apis/argoproj.io/v1alpha1/namespaces/{NAMESPACE}/workflows"
    tries = [
        ("Send a message:", f"curl -s {queue.endpoint} {options} -d '{message}'"),
        ("List the Workflows:", f"kubectl --kubeconfig {running.kubeconfig} -n {NAMESPACE} get workflows"),
        ("See what the services say:", *(service.url for service in running.services)),
        ("Read their logs:", *(f"tail -f {service.process.log}" for service in running.services)),
    ]
    if running.kubernetes is not None:
        tries.insert(2, ("… or without kubectl:", f"curl -s{_trust(running)} {running.cluster.url}{path}"))
    console.print("\n[bold]All of it stays up until Ctrl-C.[/] In another terminal:")
    for title, *commands in tries:
        console.print(f"\n[dim]{title}")
        for command in commands:
            console.print(f"  {command}", markup=False, highlight=False, soft_wrap=True)
    typed = " Type a line here, and it is sent." if sys.stdin.isatty() else ""
    console.print(f"\nNew Workflows are told here.{typed}")


def _trust(running: Pipeline) -> str:
    if not isinstance(running.kubernetes, ApiServer):
        return ""
    token = running.folder / "admin.token"
    write_secret(token, running.kubernetes.admin_token)
    return f' --cacert {running.kubernetes.ca_file} -H "Authorization: Bearer $(cat {token})"'
