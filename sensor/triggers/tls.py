"""TLS as triggers' documents describe it: whom we trust, and how we show who we are, from mounted secrets.

As in Argo Events `insecureSkipVerify` leaves all else aside, and a given CA takes the place of the system's.
"""

import ssl
from dataclasses import dataclass
from functools import partial

from common.errors import ConfigurationError, Refused
from sensor.spec import KeySelector, TlsConfig
from sensor.triggers import mounted
from sensor.triggers.mounted import Mounted, Stamp
from sensor.triggers.sources import Folders


@dataclass(frozen=True, slots=True)
class Tls:
    """Whom to trust (`ca`, else the system's authorities; nobody is asked without `verify`), and our certificate."""

    ca: Mounted | None = None
    cert: Mounted | None = None
    key: Mounted | None = None
    verify: bool = True

    def stamp(self) -> tuple[Stamp, ...]:
        """Give what changes when one of the files does. Raises `Refused`."""
        return tuple(file.stamp() for file in (self.ca, self.cert, self.key) if file is not None)

    def context(self) -> ssl.SSLContext:
        """Read the files. Raises `Refused`, naming them: they may be put right later."""
        context = self._trusting()
        # As in Go, a trusted certificate need not be a root's, nor be written as strictly as newer Pythons ask for.
        context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
        context.verify_flags &= ~ssl.VERIFY_X509_STRICT
        if self.cert is not None and self.key is not None:
            self._show(context, self.cert, self.key)
        if not self.verify:
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
        return context

    def _trusting(self) -> ssl.SSLContext:
        if self.ca is None:
            return ssl.create_default_context()
        try:
            # Nothing at all would mean the system's authorities.
            return ssl.create_default_context(cadata=self.ca.text() or "\n")
        except (ssl.SSLError, ValueError):
            raise Refused(f"{self.ca} holds no certificates in PEM") from None

    def _show(self, context: ssl.SSLContext, cert: Mounted, key: Mounted) -> None:
        try:
            # The password is asked for at a terminal if nobody gives one.
            context.load_cert_chain(str(cert.path), str(key.path), password="")
        except OSError as error:
            raise Refused(f"{cert} and {key} are no certificate and its key: {error.strerror or 'unreadable'}") from None


def tls(config: TlsConfig | None, folders: Folders, place: str) -> Tls | None:
    """Read the block of a document, by Argo Events' rules. Raises `ConfigurationError` with the place."""
    if config is None:
        return None
    if config.insecure_skip_verify:
        return Tls(verify=False)
    find = partial(_find, folders=folders, place=place)
    found = Tls(
        ca=find(config.ca_cert_secret, "caCertSecret"),
        cert=find(config.client_cert_secret, "clientCertSecret"),
        key=find(config.client_key_secret, "clientKeySecret"),
    )
    if not config.enabled and found == Tls():
        raise ConfigurationError(f"{place}: neither enabled, nor insecureSkipVerify, nor any certificate is given")
    if (found.cert is None) != (found.key is None):
        raise ConfigurationError(f"{place}: clientCertSecret and clientKeySecret belong together")
    return found


def _find(selector: KeySelector | None, field: str, *, folders: Folders, place: str) -> Mounted | None:
    return None if selector is None else mounted.secret(selector, folders, f"{place}.{field}")
