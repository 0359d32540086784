"""TLS that cannot be trusted proves that nothing was sent, in both colours."""

from __future__ import annotations

import datetime as dt
import ssl
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from polyspec.errors import ConfigError, ConnectFailed, TransportError
from polyspec.io.options import ssl_context
from tests.client.colours import Open
from tests.client.rawserver import Peer, after_request, answer, sends
from tests.unit.calls import a_request

_NOW = dt.datetime.now(dt.UTC)


def _certificate(folder: Path, host: str, *, days: int = 1) -> tuple[ssl.SSLContext, str]:
    """Make a server that calls itself `host`; return its context and the path of its certificate."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(_NOW - dt.timedelta(days=9))
        .not_valid_after(_NOW + dt.timedelta(days=days))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    public = folder / f"{host}.crt"
    public.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    private = folder / f"{host}.key"
    private.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(public, private)
    return context, str(public)


def _refused(opened: Open, url: str, **options: object) -> None:
    with pytest.raises(ConnectFailed) as caught:
        opened(**options).send(a_request(url))
    assert not caught.value.maybe_executed


def test_trusted_server(tmp_path: Path, opened: Open) -> None:
    """A server whose certificate is in the given bundle is talked to."""
    context, bundle = _certificate(tmp_path, "localhost")
    server = opened(after_request(sends(answer(b'{"id":"1"}'))), tls=context)
    client = opened(verify=bundle)
    assert client.send(a_request(f"https://localhost:{server.port}/")).body == b'{"id":"1"}'


def test_unknown_issuer(tmp_path: Path, opened: Open) -> None:
    """A certificate nobody vouches for ends the call before the request."""
    context, _ = _certificate(tmp_path, "localhost")
    server = opened(after_request(sends(answer())), tls=context)
    _refused(opened, f"https://localhost:{server.port}/", verify=True)
    assert server.requests == []


def test_wrong_host_name(tmp_path: Path, opened: Open) -> None:
    """A valid certificate of another host ends the call before the request."""
    context, bundle = _certificate(tmp_path, "elsewhere.example")
    server = opened(after_request(sends(answer())), tls=context)
    _refused(opened, f"https://localhost:{server.port}/", verify=bundle)
    assert server.requests == []


def test_expired_certificate(tmp_path: Path, opened: Open) -> None:
    """An expired certificate ends the call before the request."""
    context, bundle = _certificate(tmp_path, "localhost", days=-1)
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
    context, bundle = _certificate(tmp_path, "localhost")
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
