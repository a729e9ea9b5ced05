"""SQS → CloudEvent → JetStream: the event source.

The way of one message, file by file:

1. `polling` asks for it, when the bus takes events and `capacity` has places: capacity first, poll second.
2. `consume` receives it from SQS, up to ten at a time.
3. `leases` keeps it ours from then on until it is settled.
4. `pipeline` orders the rest: `convert` makes it a CloudEvent, `publish` stores that on the bus and waits for the PubAck,
   behind the `breaker`, and `settle` decides what becomes of the message.
5. `batches` deletes it, or gives it back.

`intake` holds all of this together for one queue; `app` makes an intake for each queue of the document, which `document`
reads in one of three forms and `spec` checks. `ports` says what the parts expect of each other.
"""

import common  # noqa: F401 - before all else: it keeps structlog small
