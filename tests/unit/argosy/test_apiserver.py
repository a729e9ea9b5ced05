"""The API server of the demo and the tests, while it starts."""

from pathlib import Path

from argosy.servers.apiserver import ApiServer


def test_it_is_not_ready_before_its_certificate_is_whole(tmp_path: Path) -> None:
    """It writes the file while it starts, and on a busy machine somebody looks in between."""
    server = ApiServer(tmp_path, binary=tmp_path / "kube")
    assert not server._ready()
    server.ca_file.parent.mkdir()
    server.ca_file.touch()
    assert not server._ready()
