"""The `nats` trigger: one message for each firing, at least once.

`connection` is the door to the client library, `trigger` writes the message.

As in Argo Events it is a plain publish: whoever listens gets it, and nobody has to. Mended (its fault F10): parameters count
for the subject and for all else, and success means that the server has the message, which a flush behind it proves; a
message that the server may not take is an error. `Nats-Msg-Id` carries the firing's hash, so a stream that is bound to the
subject stores a repeated message once within its duplicate window.
"""

from sensor.triggers.nats.trigger import NatsTrigger, construct

__all__ = ["NatsTrigger", "construct"]
