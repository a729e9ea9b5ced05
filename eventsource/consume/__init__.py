"""SQS. The only place that knows the AWS libraries; their errors end here.

`client` logs in, `queue` receives, deletes and changes visibility, `signature` signs, `answers` reads, `faults` puts errors
into our words.
"""

from eventsource.consume.queue import Aws, SqsQueue

__all__ = ["Aws", "SqsQueue"]
