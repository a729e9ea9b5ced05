"""The real Kubernetes API server over an etcd of its own: no kubelet, no controllers, no Docker."""

import os
import secrets
import ssl
from pathlib import Path

import yaml
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from argosy.servers.kubeclient import KubeClient
from argosy.servers.process import Process, Server, Unavailable, answers, free_port


def cached_binary() -> Path | None:
    """Find a program that is there already: of `KUBEBUILDER_ASSETS`, else the newest that the tests have built."""
    assets = os.environ.get("KUBEBUILDER_ASSETS")
    if assets:
        program = Path(assets) / "kube-apiserver"
        return program if program.is_file() else None
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "argosy"
    built = sorted(cache.glob("kube-*/kube"), key=lambda path: path.stat().st_mtime)
    return built[-1] if built else None


class ApiServer(Server):
    """An API server on a free loopback port that knows the kinds of Argo Workflows.

    A restart keeps port, data, certificates and tokens. `client` acts as its administrator. What controllers do, nobody
    does here: nothing is collected as garbage, a deleted namespace stays, Workflows do not run.
    """

    def __init__(self, folder: Path, *, binary: Path | None = None, namespaces: tuple[str, ...] = ("default",)) -> None:
        """Prepare the server in a folder, which need not exist; nothing runs yet."""
        program = binary or cached_binary()
        if program is None:
            raise Unavailable("no kube-apiserver was built here: python -m tests.servers.build kube")
        self.folder = folder
        self.port = free_port()
        self.admin_token = secrets.token_hex(16)
        self._namespaces = namespaces
        self._etcd = self._separate_etcd(program.with_name("etcd"))
        self.process = Process("kube-apiserver", self._command(program), log=folder / "kube-apiserver.log")

    @property
    def url(self) -> str:
        """Where clients connect."""
        return f"https://127.0.0.1:{self.port}"

    @property
    def ca_file(self) -> Path:
        """The certificate by which clients know the server; exists once it was started."""
        return self.folder / "certificates" / "apiserver.crt"

    @property
    def client(self) -> KubeClient:
        """A client with the administrator's rights."""
        return self.client_as(self.admin_token)

    def client_as(self, token: str) -> KubeClient:
        """Give a client with the rights of this token."""
        return KubeClient(self.url, self.ca_file, token)

    def start(self) -> None:
        """Start it; returns when it is ready and serves its namespaces and Workflows."""
        self._write_secrets()
        if self._etcd is not None and not self._etcd[0].alive:
            process, port = self._etcd
            process.start(lambda: answers(f"http://127.0.0.1:{port}/health"))
        try:
            self.process.start(self._ready, deadline=120)
            for name in self._namespaces:
                self.client.namespace(name)
            self.client.workflow_crds()
        except BaseException:
            self.kill()
            raise

    def stop(self) -> None:
        """End it in good order; `start` brings it back with its data."""
        self.process.stop(deadline=30)
        if self._etcd is not None:
            self._etcd[0].stop()

    def kill(self) -> None:
        """End it as a crash would; `start` brings it back with its data."""
        self.process.kill()
        if self._etcd is not None:
            self._etcd[0].kill()

    def token_for(self, namespace: str, account: str) -> str:
        """Give a token of a ServiceAccount, which is made if need be; it may do nothing until it is granted."""
        return self.client.token_for(namespace, account)

    def kubeconfig(self, path: Path, *, token: str | None = None, namespace: str = "default") -> Path:
        """Write a kubeconfig for this server, for the administrator unless a token is given."""
        name = "argosy"
        cluster = {"server": self.url, "certificate-authority": str(self.ca_file)}
        document = {
            "apiVersion": "v1",
            "kind": "Config",
            "clusters": [{"name": name, "cluster": cluster}],
            "users": [{"name": name, "user": {"token": token or self.admin_token}}],
            "contexts": [{"name": name, "context": {"cluster": name, "user": name, "namespace": namespace}}],
            "current-context": name,
        }
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(yaml.safe_dump(document))
        return path

    def _ready(self) -> bool:
        # The server makes its certificate while it starts: until it is there, and whole, there is nothing to trust.
        try:
            return self.client.ready()
        except (FileNotFoundError, ssl.SSLError):
            return False

    def _write_secrets(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        key = self.folder / "service-accounts.key"
        if not key.exists():
            pem = ec.generate_private_key(ec.SECP256R1()).private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
            )
            key.touch(mode=0o600)
            key.write_bytes(pem)
        (self.folder / "tokens.csv").write_text(f'{self.admin_token},admin,admin,"system:masters"\n')

    def _command(self, program: Path) -> list[str | Path]:
        key = self.folder / "service-accounts.key"
        flags = [
            f"--secure-port={self.port}",
            "--bind-address=127.0.0.1",
            "--advertise-address=127.0.0.1",
            f"--cert-dir={self.folder / 'certificates'}",
            "--service-account-issuer=https://kubernetes.default.svc",
            f"--service-account-key-file={key}",
            f"--service-account-signing-key-file={key}",
            "--authorization-mode=RBAC",
            f"--token-auth-file={self.folder / 'tokens.csv'}",
            "--service-cluster-ip-range=10.0.0.0/24",
            "--endpoint-reconciler-type=none",
            # Without it the server waits a minute for clients that watch something.
            "--shutdown-watch-termination-grace-period=1s",
        ]
        if self._etcd is None:
            return [program, f"--etcd-data-dir={self.folder / 'etcd'}", "--", *flags]
        return [program, f"--etcd-servers=http://127.0.0.1:{self._etcd[1]}", *flags]

    def _separate_etcd(self, program: Path) -> tuple[Process, int] | None:
        """Give the etcd that stands beside a released kube-apiserver; our own build has it inside."""
        if not program.is_file():
            return None
        client, peer = free_port(), free_port()
        command: list[str | Path] = [
            program,
            f"--data-dir={self.folder / 'etcd'}",
            f"--listen-client-urls=http://127.0.0.1:{client}",
            f"--advertise-client-urls=http://127.0.0.1:{client}",
            f"--listen-peer-urls=http://127.0.0.1:{peer}",
            "--unsafe-no-fsync",
        ]
        return Process("etcd", command, log=self.folder / "etcd.log"), client
