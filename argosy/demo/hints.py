"""What to try while `argosy demo --keep` is up."""

import json

from rich.console import Console

from argosy.demo.children import NAMESPACE
from argosy.demo.pipeline import Pipeline
from argosy.demo.queue import Queue


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
        trust = "" if running.cluster.url.startswith("http:") else " -k"
        tries.insert(2, ("… or without kubectl:", f"curl -s{trust} {running.cluster.url}{path}"))
    console.print("\n[bold]All of it stays up until Ctrl-C.[/] In another terminal:")
    for title, *commands in tries:
        console.print(f"\n[dim]{title}")
        for command in commands:
            console.print(f"  {command}", markup=False, highlight=False, soft_wrap=True)
    console.print("\nNew Workflows are told here:")
