"""The `http` trigger: one request for each firing, at least once.

`url` reads addresses, `request` writes the request, `redirects` follows answers that point elsewhere, `session` is the door
to the client library, `trigger` puts them together and judges the answer.

**What an answer means.** Without `policy.status.allow` every HTTP status is a success, as in Argo Events: documents rely on
it, and a status says nothing that holds for all servers. With it, a status that is not listed is an attempt about this event
(`Failed`, in the end parked as `policy_failed`): many a server answers 500 to one body that it does not like, so a 5xx must
not stop the trigger for all other events. Two answers are about the server and no attempt, unless they are listed: 429, and
503 with Retry-After; the trigger waits as it was told. No answer at all (no connection, a timeout, a broken answer) never
counts as an attempt either, with or without a policy: delivery.md §5. All of this holds for the server that the document
names; where parameters lead an event elsewhere, that server's trouble is an attempt of this event, and holds up no other.

**As in Go's net/http**, whose behaviour the documents were written against: how addresses are escaped, which headers are the
client's own, redirects (at most 10; method, body and headers by status), 60 s for all of it, the environment's proxies
where the trigger has no `tls`. Different on purpose: no User-Agent of Go's, no `Accept-Encoding`, no Referer, HTTP/1.1 only,
secure headers do not follow a redirect to another host or out of TLS, and `Idempotency-Key` carries the firing's hash.
"""

from sensor.triggers.http.trigger import HttpTrigger, construct

__all__ = ["HttpTrigger", "construct"]
