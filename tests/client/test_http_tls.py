"""TLS that cannot be trusted proves that nothing was sent, in both colours."""

from __future__ import annotations

from pathlib import Path

import pytest

from polyspec.errors import ConfigError, ConnectFailed, TransportError
from polyspec.io.options import ssl_context
from tests.client.certificates import certificate
from tests.client.colours import Open
from tests.client.rawserver import Peer, after_request, answer, sends
from tests.unit.calls import a_request


def _refused(opened: Open, url: str, **options: object) -> None:
    with pytest.raises(ConnectFailed) as caught:
        opened(**options).send(a_request(url))
    assert not caught.value.maybe_executed


def test_trusted_server(tmp_path: Path, opened: Open) -> None:
    """A server whose certificate is in the given bundle is talked to."""
    context, bundle = certificate(tmp_path, "localhost")
    server = opened(after_request(sends(answer(b'{"id":"1"}'))), tls=context)
    client = opened(verify=bundle)
    assert client.send(a_request(f"https://localhost:{server.port}/")).body == b'{"id":"1"}'


def test_unknown_issuer(tmp_path: Path, opened: Open) -> None:
    """A certificate nobody vouches for ends the call before the request."""
    context, _ = certificate(tmp_path, "localhost")
    server = opened(after_request(sends(answer())), tls=context)
    _refused(opened, f"https://localhost:{server.port}/", verify=True)
    assert server.requests == []


def test_wrong_host_name(tmp_path: Path, opened: Open) -> None:
    """A valid certificate of another host ends the call before the request."""
    context, bundle = certificate(tmp_path, "elsewhere.example")
    server = opened(after_request(sends(answer())), tls=context)
    _refused(opened, f"https://localhost:{server.port}/", verify=bundle)
    assert server.requests == []


def test_expiredcertificate(tmp_path: Path, opened: Open) -> None:
    """An expired certificate ends the call before the request."""
    context, bundle = certificate(tmp_path, "localhost", days=-1)
    server = opened(after_request(sends(answer())), tls=context)
    _refused(opened, f"https://localhost:{server.port}/", verify=bundle)
    assert server.requests == []


def test_no_tls_at_all(tmp_path: Path, opened: Open) -> None:
    """A server that answers the handshake in plain text gets no request."""
    server = opened(lambda peer, _: peer.send(answer()))
    _refused(opened, f"https://localhost:{server.port}/")
    assert server.requests == []


def test_handshake_that_hangs(opened: Open) -> None:
    """A handshake that does not end proves that nothing was sent, however short the deadline."""
    server = opened(lambda peer, _: peer.hang())
    with pytest.raises(ConnectFailed) as caught:
        opened().send(a_request(f"https://localhost:{server.port}/", total=0.4, connect=3.0))
    assert not caught.value.maybe_executed
    assert server.settled()


def test_tls_cut_in_the_body(tmp_path: Path, opened: Open) -> None:
    """An encrypted answer cut off without a farewell is no answer."""
    context, bundle = certificate(tmp_path, "localhost")
    head = b"HTTP/1.1 200 OK\r\ncontent-length: 50\r\n\r\n{"
    server = opened(after_request(sends(head), Peer.reset), tls=context)
    with pytest.raises(TransportError) as caught:
        opened(verify=bundle).send(a_request(f"https://localhost:{server.port}/"))
    assert caught.value.maybe_executed


def test_missing_bundle(tmp_path: Path) -> None:
    """A CA bundle that cannot be read is named."""
    with pytest.raises(ConfigError, match=r"nowhere\.pem"):
        ssl_context(str(tmp_path / "nowhere.pem"))


def test_contexts_are_made_once() -> None:
    """Reading the certificates is paid for once, not by the first cancel."""
    assert ssl_context(True) is ssl_context(True)
