"""The ways to log in to a bus: what the server is told, what our settings say, and the same with a wrong secret."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import nkeys

from tests.servers.certificates import Authority
from tests.servers.natsjwt import Key, Operator

RIGHT, WRONG = "right-s3cret", "wrong-s3cret"


@dataclass(frozen=True)
class Login:
    """One row of the matrix.

    `server` is added to the server's configuration, `settings` are our variables. `spoil` puts something wrong in the place
    of the secret and `mend` the right one: None where there is no secret. `refused` is what we then say.
    """

    server: str
    settings: dict[str, str]
    spoil: Callable[[], object] | None = None
    mend: Callable[[], object] | None = None
    refused: str = "does not accept our login"
    secrets: tuple[str, ...] = (RIGHT, WRONG)


def none(_: Path) -> Login:
    """Let everybody in."""
    return Login("", {})


def token(folder: Path) -> Login:
    """Share one token, in a file."""
    return _in_file(folder, f'authorization {{ token: "{RIGHT}" }}', "NATS_TOKEN_FILE", RIGHT, WRONG)


def user(folder: Path) -> Login:
    """Know a user by the password in a file."""
    server = f'authorization {{ users: [ {{ user: argosy, password: "{RIGHT}" }} ] }}'
    return _in_file(folder, server, "NATS_PASSWORD_FILE", RIGHT, WRONG, NATS_USER="argosy")


def nkey(folder: Path) -> Login:
    """Know a key: what is sent is a signature."""
    right, wrong = (Key(name, nkeys.PREFIX_BYTE_USER) for name in (RIGHT, WRONG))
    server = f'authorization {{ users: [ {{ nkey: "{right.public}" }} ] }}'
    return _in_file(folder, server, "NATS_NKEY_FILE", right.seed.decode() + "\n", wrong.seed.decode())


def jwt(folder: Path) -> Login:
    """Trust an operator, who made an account, which made a user."""
    operator = Operator()
    stranger = Key("stranger", nkeys.PREFIX_BYTE_ACCOUNT)
    right, wrong = operator.credentials("argosy"), operator.credentials("argosy", issuer=stranger)
    return _in_file(folder, operator.config, "NATS_CREDS_FILE", right, wrong)


def tls(folder: Path) -> Login:
    """Show a certificate that a mounted authority has signed."""
    return _tls(folder)


def tls_first(folder: Path) -> Login:
    """Begin with TLS, before any word in plain text."""
    return _tls(folder, "handshake_first: true", NATS_TLS_HANDSHAKE_FIRST="true")


def tls_client(folder: Path) -> Login:
    """Know the client by its certificate."""
    authority, stranger = Authority(folder / "tls"), Authority(folder / "stranger", "stranger")
    pair, right, wrong = authority.issue("server"), authority.issue("client"), stranger.issue("client")
    cert, key = folder / "client.pem", folder / "client.key"

    def put(source: Path, source_key: Path) -> None:
        cert.write_bytes(source.read_bytes())
        key.write_bytes(source_key.read_bytes())

    settings = {"NATS_TLS_CA_FILE": str(authority.ca), "NATS_TLS_CERT_FILE": str(cert), "NATS_TLS_KEY_FILE": str(key)}
    server = f'tls {{ cert_file: "{pair.cert}", key_file: "{pair.key}", ca_file: "{authority.ca}", verify: true }}'
    return Login(
        server, settings, lambda: put(wrong.cert, wrong.key), lambda: put(right.cert, right.key), "do not trust each other", ()
    )


ALL = {login.__name__: login for login in (none, token, user, nkey, jwt, tls, tls_first, tls_client)}


def _tls(folder: Path, more: str = "", **settings: str) -> Login:
    authority, stranger = Authority(folder / "tls"), Authority(folder / "stranger", "stranger")
    pair = authority.issue("server")
    server = f'tls {{ cert_file: "{pair.cert}", key_file: "{pair.key}", {more} }}'
    right, wrong = authority.ca.read_text(), stranger.ca.read_text()
    login = _in_file(folder, server, "NATS_TLS_CA_FILE", right, wrong, **settings)
    return Login(login.server, login.settings, login.spoil, login.mend, "do not trust each other", ())


def _in_file(folder: Path, server: str, variable: str, right: str, wrong: str, **settings: str) -> Login:
    path = folder / variable.lower()
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = (line for text in (right, wrong) for line in text.splitlines() if line and not line.startswith("-"))
    return Login(
        server,
        {variable: str(path), **settings},
        lambda: path.write_text(wrong),
        lambda: path.write_text(right),
        secrets=tuple(lines),
    )
