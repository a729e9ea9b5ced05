"""An operator of NATS with a system account and one account for JetStream, made on the spot; no tool of NATS is needed.

A token is `header.claims.signature`, each in base64url, signed with the issuer's key
(https://docs.nats.io/running-a-nats-service/nats_admin/security/jwt).
"""

import base64
import hashlib
import json
import time
from typing import Any

import nkeys

_LIMITS = dict.fromkeys(("subs", "data", "payload", "imports", "exports", "conn", "leaf"), -1) | {"wildcards": True}
_JETSTREAM = dict.fromkeys(("mem_storage", "disk_storage", "streams", "consumer"), -1)


class Key:
    """A pair of keys that follows from a name."""

    def __init__(self, name: str, prefix: int) -> None:
        """Make it."""
        self.name = name
        self.seed: bytes = bytes(nkeys.encode_seed(hashlib.sha256(name.encode()).digest(), prefix))
        self._pair = nkeys.from_seed(bytearray(self.seed))
        self.public: str = self._pair.public_key.decode()

    def issue(self, subject: "Key", kind: str, **claims: Any) -> str:  # noqa: ANN401 - any JSON
        """Sign a token about somebody."""
        body = {
            "jti": subject.name, "iat": int(time.time()), "iss": self.public, "sub": subject.public, "name": subject.name,
            "nats": {"type": kind, "version": 2, **claims},
        }  # fmt: skip
        text = f"{_encoded({'typ': 'JWT', 'alg': 'ed25519-nkey'})}.{_encoded(body)}"
        return f"{text}.{_base64(self._pair.sign(text.encode()))}"


class Operator:
    """`config` is for the server; `credentials` makes the file of a user of the account."""

    def __init__(self) -> None:
        """Make the keys and tokens."""
        key, system = Key("operator", nkeys.PREFIX_BYTE_OPERATOR), Key("system", nkeys.PREFIX_BYTE_ACCOUNT)
        self._account = Key("account", nkeys.PREFIX_BYTE_ACCOUNT)
        operator = key.issue(key, "operator", system_account=system.public)
        limits = {system: _LIMITS, self._account: _LIMITS | _JETSTREAM}
        accounts = "\n".join(f"{account.public}: {key.issue(account, 'account', limits=limits[account])}" for account in limits)
        self.config = (
            f"operator: {operator}\nsystem_account: {system.public}\nresolver: MEMORY\nresolver_preload {{\n{accounts}\n}}\n"
        )

    def credentials(self, name: str, *, issuer: Key | None = None) -> str:
        """Write a credentials file; `issuer`: another account, which the server does not know."""
        user = Key(name, nkeys.PREFIX_BYTE_USER)
        token = (issuer or self._account).issue(user, "user", subs=-1, data=-1, payload=-1, pub={}, sub={})
        return (
            f"-----BEGIN NATS USER JWT-----\n{token}\n------END NATS USER JWT------\n\n"
            f"-----BEGIN USER NKEY SEED-----\n{user.seed.decode()}\n------END USER NKEY SEED------\n"
        )


def _encoded(value: object) -> str:
    return _base64(json.dumps(value).encode())


def _base64(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).decode().rstrip("=")
