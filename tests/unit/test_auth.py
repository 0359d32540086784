"""Private-key JWT: reading keys, signing assertions, asking for tokens, explaining refusals."""

from __future__ import annotations

import datetime as dt
import json
import os
import re
import shlex
import uuid
from collections.abc import Callable
from email.utils import formatdate
from pathlib import Path
from typing import Any

import jwt
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from polyspec.core.clock import ClockOffset
from polyspec.core.effects import Reply, Request, Send, Sleep
from polyspec.core.tokens import IssuerError, Token, TokenCache
from polyspec.errors import AuthError, ConfigError, ConnectFailed, DecodeError, PolyspecError, TimedOut
from polyspec.us.auth import PrivateKeyJwt
from polyspec.us.token_flow import TokenSource
from tests.unit.flows import Running, World

TOKEN_URL = "https://auth.test/oauth/token"
AUDIENCE = "https://api.test"
CLIENT = "client-1"
KEY = rsa.generate_private_key(65537, 2048)
PKCS8 = KEY.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
PKCS1 = KEY.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption())
LOCKED8 = KEY.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"open"))
LOCKED1 = KEY.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, BestAvailableEncryption(b"open"))
NOW = 1_800_000_000.75


def credentials(pem: Any = PKCS8, **changes: Any) -> PrivateKeyJwt:
    """Make credentials from PEM text."""
    settings: dict[str, Any] = {"client_id": CLIENT, "token_url": TOKEN_URL, "audience": AUDIENCE} | changes
    return PrivateKeyJwt.from_pem(pem, **settings)


def from_file(path: Any, **changes: Any) -> PrivateKeyJwt:
    """Make credentials from a file."""
    settings: dict[str, Any] = {"client_id": CLIENT, "token_url": TOKEN_URL, "audience": AUDIENCE} | changes
    return PrivateKeyJwt.from_file(path, **settings)


def verified(assertion: str, **options: Any) -> dict[str, Any]:
    """Verify with the other library; times are compared by the test."""
    claims: dict[str, Any] = jwt.decode(
        assertion,
        KEY.public_key(),
        algorithms=["RS256"],
        audience=TOKEN_URL,
        issuer=CLIENT,
        options={
            "require": ["iss", "sub", "aud", "iat", "exp", "jti"],
            "verify_exp": False,
            "verify_iat": False,
        },
        **options,
    )
    return claims


@pytest.mark.parametrize(
    ("pem", "passphrase"),
    [(PKCS8, None), (PKCS1, None), (PKCS8.decode(), None), (LOCKED8, "open"), (LOCKED1, b"open")],
)
def test_assertions_verify_with_another_library(pem: Any, passphrase: Any) -> None:
    """Every accepted form of the key signs what PyJWT accepts, with exactly the claims the venue asks for."""
    assertion = credentials(pem, passphrase=passphrase).assertion(NOW)
    issued = int(NOW) - 5
    claims = verified(assertion)
    assert uuid.UUID(claims.pop("jti")).version == 4
    assert claims == {"iss": CLIENT, "sub": CLIENT, "aud": TOKEN_URL, "iat": issued, "exp": issued + 60}
    assert jwt.get_unverified_header(assertion) == {"alg": "RS256", "typ": "JWT"}
    assert re.fullmatch(r"[\w-]+\.[\w-]+\.[\w-]+", assertion)


def test_every_assertion_is_new() -> None:
    """Two assertions of the same moment differ in their id."""
    auth = credentials()
    assert len({verified(auth.assertion(NOW))["jti"] for _ in range(100)}) == 100


def test_credentials_say_which_they_are() -> None:
    """Shown are client, endpoint, audience and the fingerprint of the public key."""
    text = repr(credentials())
    assert re.fullmatch(r"PrivateKeyJwt\(client_id=.*, fingerprint='sha256:[0-9a-f]{16}'\)", text)
    assert credentials().identity == (TOKEN_URL, CLIENT, AUDIENCE, credentials().fingerprint)


def test_another_key_does_not_verify() -> None:
    """A signature of another key is refused, so the check above can fail."""
    other = rsa.generate_private_key(65537, 2048)
    pem = other.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    assert credentials(pem).fingerprint != credentials().fingerprint
    with pytest.raises(jwt.InvalidSignatureError):
        verified(credentials(pem).assertion(NOW))


def test_key_id_and_lifetime_are_settable() -> None:
    """A key id goes into the header; the assertion lives as long as asked, 300 seconds at most."""
    assertion = credentials(kid="k1", lifetime=300).assertion(NOW)
    assert jwt.get_unverified_header(assertion)["kid"] == "k1"
    claims = verified(assertion)
    assert claims["exp"] - claims["iat"] == 300


@pytest.mark.parametrize("lifetime", [9, 301, 0, -60, True, 60.0, "60", None])
def test_other_lifetimes_are_refused(lifetime: Any) -> None:
    """An assertion lives between 10 and 300 whole seconds."""
    with pytest.raises(ConfigError, match="assertion"):
        credentials(lifetime=lifetime)


@pytest.mark.parametrize("name", ["client_id", "token_url", "audience"])
@pytest.mark.parametrize("value", ["", " ", "a ", None, 5])
def test_empty_settings_are_refused(name: str, value: Any) -> None:
    """Client id, token URL and audience are texts without stray spaces; the error names which is not."""
    with pytest.raises(ConfigError, match=name):
        credentials(**{name: value})


@pytest.mark.parametrize("now", [float("nan"), float("inf")])
def test_impossible_times_are_refused(now: float) -> None:
    """An assertion is not dated with something that is no time."""
    with pytest.raises(ConfigError):
        credentials().assertion(now)


def pem_of(key: Any) -> bytes:
    """Write a private key as PKCS#8."""
    data: bytes = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return data


def certificate() -> bytes:
    """Make a self-signed certificate."""
    name = x509.Name([])
    start = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
    builder = x509.CertificateBuilder(name, name, KEY.public_key(), 1, start, start + dt.timedelta(days=1))
    return builder.sign(KEY, hashes.SHA256()).public_bytes(Encoding.PEM)


BAD_KEYS: dict[str, tuple[Callable[[], Any], str]] = {
    "empty": (lambda: b"", "it is empty"),
    "blank": (lambda: b" \n\n", "it is empty"),
    "garbage": (lambda: b"hello", "no -----BEGIN"),
    "damaged": (lambda: PKCS8.replace(b"A", b"B"), "damaged"),
    "cut": (lambda: PKCS8[:800], "damaged"),
    "public": (
        lambda: KEY.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo),
        "this is a public key",
    ),
    "public pkcs1": (
        lambda: KEY.public_key().public_bytes(Encoding.PEM, PublicFormat.PKCS1),
        "this is a public key",
    ),
    "certificate": (certificate, "this is a certificate"),
    "openssh": (lambda: KEY.private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption()), "OpenSSH"),
    "ec": (lambda: pem_of(ec.generate_private_key(ec.SECP256R1())), r"an EC key \(secp256r1\)"),
    "ec sec1": (
        lambda: ec.generate_private_key(ec.SECP256K1()).private_bytes(
            Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption()
        ),
        "an EC key",
    ),
    "ed25519": (lambda: pem_of(ed25519.Ed25519PrivateKey.generate()), "Ed25519PrivateKey"),
    "dsa": (lambda: pem_of(dsa.generate_private_key(1024)), "a DSA key"),
    "1024": (lambda: pem_of(rsa.generate_private_key(65537, 1024)), "an RSA key of 1024 bits"),
    "2047": (lambda: pem_of(rsa.generate_private_key(65537, 2047)), "an RSA key of 2047 bits"),
    "encrypted": (lambda: LOCKED8, "encrypted, and no passphrase"),
    "encrypted pkcs1": (lambda: LOCKED1, "encrypted, and no passphrase"),
}


@pytest.mark.parametrize(("make", "expected"), BAD_KEYS.values(), ids=BAD_KEYS)
@pytest.mark.parametrize("by_file", [False, True])
def test_unusable_keys_are_named_for_what_they_are(
    make: Callable[[], Any], expected: str, by_file: bool, tmp_path: Path
) -> None:
    """Whatever is not an RSA private key of 2048 bits is refused in one sentence that says what it is."""
    pem = make()
    with pytest.raises(ConfigError, match=expected) as caught:
        from_file(key_file(tmp_path, pem)) if by_file else credentials(pem)
    assert len(str(caught.value)) < 200
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("pem", [LOCKED8, LOCKED1])
@pytest.mark.parametrize("passphrase", ["shut", "", b"shut", "ö" * 50])
def test_a_wrong_passphrase_is_told(pem: bytes, passphrase: Any) -> None:
    """A passphrase that does not open the key is named as the reason."""
    with pytest.raises(ConfigError, match="passphrase is wrong"):
        credentials(pem, passphrase=passphrase)


def test_a_needless_passphrase_is_told() -> None:
    """A passphrase for a key that has none points at a mix-up."""
    with pytest.raises(ConfigError, match="it is not encrypted"):
        credentials(PKCS8, passphrase="open")


@pytest.mark.parametrize("pem", [5, None, Path("/tmp/key.pem"), object()])
def test_a_key_is_text(pem: Any) -> None:
    """Something that is no text is no key."""
    with pytest.raises(ConfigError, match="PEM text or bytes"):
        credentials(pem)


@pytest.mark.parametrize(
    "pem",
    [
        PKCS8.replace(b"\n", b"\r\n"),
        b"\n\n  " + PKCS8,
        b"\xef\xbb\xbf" + PKCS8,
        PKCS8.decode().replace("\n", "\\n"),
        b"Bag Attributes\n    friendlyName: x\n" + PKCS8,
        certificate() + PKCS8,
        PKCS8 + certificate(),
    ],
)
def test_the_usual_disguises_of_a_key_are_read(pem: Any) -> None:
    """Line ends of any system, a byte order mark, escaped line ends and bundles hold the same key."""
    assert credentials(pem).fingerprint == credentials().fingerprint


def key_file(folder: Path, content: bytes = PKCS8, mode: int = 0o600, name: str = "key.pem") -> Path:
    """Write a key file."""
    path = folder / name
    path.write_bytes(content)
    path.chmod(mode)
    return path


def test_a_key_file_is_read(tmp_path: Path) -> None:
    """A private file is taken by path, as text or as Path, also through a link and from the home folder."""
    path = key_file(tmp_path)
    (tmp_path / "link.pem").symlink_to(path)
    for name in (path, str(path), tmp_path / "link.pem"):
        assert from_file(name).fingerprint == credentials().fingerprint
    locked = key_file(tmp_path, LOCKED8, name="locked.pem")
    assert from_file(locked, passphrase="open").fingerprint == credentials().fingerprint


def test_the_home_folder_is_understood(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A leading tilde stands for the home folder."""
    key_file(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    assert from_file("~/key.pem").client_id == CLIENT


@pytest.mark.skipif(os.name != "posix", reason="modes are a matter of POSIX")
@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604, 0o660, 0o602, 0o610, 0o777])
def test_a_key_open_to_others_is_refused(mode: int, tmp_path: Path) -> None:
    """The error holds the command to run, quoted for the shell; it helps; and the check can be waived."""
    path = key_file(tmp_path, mode=mode, name="my key's.pem")
    with pytest.raises(ConfigError, match=f"mode {mode:04o}") as caught:
        from_file(path)
    command = str(caught.value).partition("run: ")[2]
    assert shlex.split(command) == ["chmod", "600", str(path)]
    assert from_file(path, allow_readable_key=True).client_id == CLIENT
    assert path.stat().st_mode & 0o777 == mode
    path.chmod(0o600)
    assert from_file(path).client_id == CLIENT


def test_modes_are_not_asked_where_there_are_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """On a platform without POSIX modes the file is taken."""
    path = key_file(tmp_path, mode=0o644)
    monkeypatch.setattr("polyspec.us.keys._POSIX", False)
    assert from_file(str(path)).client_id == CLIENT


def test_files_that_are_none(tmp_path: Path) -> None:
    """A missing file, a directory, a pipe, a huge or binary file and a wrong argument are told apart."""
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "pipe", 0o600)
    der = KEY.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    cases: list[tuple[Any, str]] = [
        (tmp_path / "nowhere.pem", "does not exist"),
        (tmp_path / "key.pem" / "deeper", "does not exist"),
        (tmp_path / "folder", "is a directory"),
        (tmp_path / "pipe", "empty"),
        (key_file(tmp_path, b"A" * 70_000, name="big"), "too large"),
        (key_file(tmp_path, der, name="der"), "DER form"),
        ("", "path of the private key file is empty"),
        (PKCS8.decode(), "use from_pem"),
        ("a\x00b", "not a valid path"),
    ]
    for path, expected in cases:
        with pytest.raises(ConfigError, match=expected) as caught:
            from_file(path)
        assert "BEGIN PRIVATE" not in str(caught.value)


@pytest.mark.parametrize(
    ("failure", "expected"),
    [
        (PermissionError(13, "Permission denied"), "may not be read by this user"),
        (OSError(5, "I/O error"), "I/O error"),
    ],
)
def test_files_that_cannot_be_opened(
    failure: OSError, expected: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file this user may not read, or on a broken disk, is named as such."""

    def fail(path: str, flags: int) -> int:
        raise failure

    monkeypatch.setattr("polyspec.us.keys._opener", fail)
    with pytest.raises(ConfigError, match=expected):
        from_file(key_file(tmp_path))


def test_the_call_is_the_one_of_the_spec() -> None:
    """The token request is the generated call with the documented fields."""
    call = credentials().token_call(NOW)
    assert (call.operation.id, call.operation.method, call.path) == (
        "OAuth_RequestToken",
        "POST",
        "/oauth/token",
    )
    assert call.body.client_assertion_type == "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
    assert (call.body.grant_type, call.body.audience, call.body.client_id) == (
        "client_credentials",
        AUDIENCE,
        CLIENT,
    )
    assert verified(call.body.client_assertion)["sub"] == CLIENT


def answer(status: int, body: Any, **headers: str) -> Reply:
    """Make an answer of the token endpoint."""
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Reply(status, {name.replace("_", "-"): value for name, value in headers.items()}, data, 0.05)


def granted(**changes: Any) -> Reply:
    """Make the answer that gives a token."""
    return answer(200, {"access_token": "T1", "token_type": "Bearer", "expires_in": 180} | changes)


class Endpoint:
    """Answers in the given order, the last for ever."""

    def __init__(self, *answers: Reply | Exception) -> None:
        self.answers = list(answers)
        self.world = World(lambda request: self.answers.pop(0) if len(self.answers) > 1 else self.answers[0])
        self.clock = ClockOffset(86_400.0)
        self.chance = 0.5
        self.source = TokenSource(
            credentials(), self.clock, lambda: self.chance, cache=TokenCache(lambda: 0.5)
        )

    def ask(self, patience: float = 15.0) -> Token:
        """Ask the endpoint itself, not the cache."""
        return self.world.run(self.source.request(self.world.monotonic + patience))

    def refusal(self, kind: type[PolyspecError] = AuthError, patience: float = 15.0) -> str:
        """Ask, expect an error of that type, and return its text."""
        with pytest.raises(kind) as caught:
            self.ask(patience)
        assert type(caught.value) is kind
        assert not caught.value.maybe_executed
        assert caught.value.operation == "POST /oauth/token"
        assert caught.value.attempts == len(self.world.requests)
        return str(caught.value)

    def claims(self) -> list[dict[str, Any]]:
        """Return the verified claims of every assertion sent."""
        return [
            verified(json.loads(request.body or b"")["client_assertion"]) for request in self.world.requests
        ]


def test_a_token_is_fetched() -> None:
    """The request goes to the token URL as JSON; the token counts its age from before it was asked for."""
    endpoint = Endpoint(granted())
    before = endpoint.world.monotonic
    token = endpoint.ask()
    assert (token.secret.reveal(), token.life, token.born) == ("T1", 180.0, before)
    request = endpoint.world.requests[0]
    assert (request.method, request.url) == ("POST", TOKEN_URL)
    assert dict(request.headers)["content-type"] == "application/json"
    assert set(json.loads(request.body or b"")) == {
        "client_id",
        "client_assertion_type",
        "client_assertion",
        "audience",
        "grant_type",
    }


def test_the_source_caches_and_forgets() -> None:
    """The source serves its cached token until that very header was refused."""
    endpoint = Endpoint(granted(), granted(access_token="T2"))
    source, world = endpoint.source, endpoint.world
    tokens = [world.run(source.token(world.monotonic + 15)).secret.reveal() for _ in range(3)]
    assert source.refused("Bearer T0")
    tokens.append(world.run(source.token(world.monotonic + 15)).secret.reveal())
    assert source.refused("Bearer T1")
    tokens.append(world.run(source.token(world.monotonic + 15)).secret.reveal())
    assert tokens == ["T1", "T1", "T1", "T1", "T2"]


def test_sources_with_equal_credentials_share_their_token() -> None:
    """Two clients of one process with the same key, client, audience and endpoint make one request."""
    world = World(lambda request: granted())
    name = f"client-{uuid.uuid4()}"
    for _ in range(2):
        source = TokenSource(credentials(client_id=name), ClockOffset(), lambda: 0.5)
        world.run(source.token(world.monotonic + 15))
    assert len(world.requests) == 1


@pytest.mark.parametrize(
    "failure",
    [answer(500, b""), answer(503, {"error": "x"}), answer(429, {}), ConnectFailed("no"), TimedOut("no")],
)
def test_passing_failures_are_retried_with_a_new_id(failure: Any) -> None:
    """429, 5xx and transport errors are tried again, each time with an assertion of its own."""
    endpoint = Endpoint(failure, failure, failure, granted())
    assert endpoint.ask().secret.reveal() == "T1"
    claims = endpoint.claims()
    assert len({each["jti"] for each in claims}) == len(claims) == 4
    assert [each["iat"] for each in claims] == sorted(each["iat"] for each in claims)


def test_at_most_four_attempts() -> None:
    """The fifth attempt is never made; the error tells the last answer, and that nothing was executed."""
    endpoint = Endpoint(answer(503, b"<html>"))
    assert "answered 503" in endpoint.refusal(IssuerError)
    assert len(endpoint.world.requests) == 4
    endpoint = Endpoint(ConnectFailed("refused"))
    endpoint.refusal(ConnectFailed)
    assert len(endpoint.world.requests) == 4


def test_retries_stay_inside_the_deadline() -> None:
    """No attempt begins, and no wait ends, after the deadline; each attempt is told what time is left."""
    for patience in (0.1, 0.5, 1.0, 3.0):
        endpoint = Endpoint(answer(503, {}))
        start = endpoint.world.monotonic
        endpoint.refusal(IssuerError, patience)
        assert endpoint.world.monotonic - start <= patience + endpoint.world.latency
        assert all(request.timeout.total <= patience + 1e-9 for request in endpoint.world.requests)
    late = Endpoint(granted())
    assert "deadline" in late.refusal(TimedOut, 0.0)
    assert late.world.requests == []


def test_waits_are_spread_and_obey_the_server() -> None:
    """Waits grow with full jitter from 250 ms up, and are never shorter than the endpoint asks."""
    endpoint = Endpoint(answer(503, {}))
    endpoint.chance = 0.999
    endpoint.refusal(IssuerError)
    assert endpoint.world.sleeps == pytest.approx([0.25, 0.5, 1.0], rel=0.01)
    endpoint = Endpoint(answer(503, {}))
    endpoint.chance = 0.0
    endpoint.refusal(IssuerError)
    assert endpoint.world.sleeps == [0.25, 0.25, 0.25]
    endpoint = Endpoint(answer(429, {}, retry_after="3"), granted())
    endpoint.chance = 0.0
    endpoint.ask()
    assert endpoint.world.sleeps == [3.0]
    endpoint = Endpoint(answer(429, {}, retry_after="60"))
    assert "asks to wait 60 s" in endpoint.refusal(IssuerError)
    assert len(endpoint.world.requests) == 1


def refused(error: str, description: str = "", status: int = 401, **headers: str) -> Reply:
    """Make a refusal in the shape of OAuth."""
    return answer(status, {"error": error, "error_description": description}, **headers)


@pytest.mark.parametrize(
    ("reply", "cause"),
    [
        (
            refused("invalid_client", "JWT signature verification failed: the private key does not match"),
            "the key;",
        ),
        (refused("invalid_client", "unknown client_id"), "the client id client-1"),
        (refused("invalid_client"), "the client id or the key"),
        (refused("unauthorized"), "the client id or the key"),
        (refused("invalid_client_assertion", "expired (exp claim is in the past)", 400), "the clock"),
        (refused("invalid_client_assertion", "iat claim is in the future", 400), "the clock"),
        (
            refused("invalid_client_assertion", "wrong aud claim (must be the token endpoint)", 400),
            f"the token URL {TOKEN_URL}",
        ),
        (refused("invalid_client_assertion", "jti has already been used", 400), "an assertion arrived twice"),
        (refused("access_denied", "Service not found: https://x", 403), f"the audience {AUDIENCE}"),
        (refused("unauthorized_client", "no grant", 403), f"the audience {AUDIENCE}"),
        (refused("invalid_client_assertion", "something else", 400), "one of key"),
        (answer(404, b"<html>not here</html>"), "in no form that OAuth knows"),
        (answer(403, b"<html>not from here</html>"), f"the token URL {TOKEN_URL}, or something on the way"),
        (answer(403, b"[1]"), "one of key"),
        (answer(400, {"error": 5, "error_description": None}), "one of key"),
        (answer(302, b"", location="https://elsewhere.test"), "a redirect"),
    ],
)
def test_refusals_name_the_likely_cause(reply: Reply, cause: str) -> None:
    """A refusal is final at once, and says which of key, clock, audience and client id to look at."""
    endpoint = Endpoint(reply)
    text = endpoint.refusal()
    assert cause in text
    assert str(reply.status) in text
    assert len(endpoint.world.requests) == 1


@pytest.mark.parametrize(
    ("reply", "cause"),
    [
        (answer(302, b"", location="https://elsewhere.test"), "token_url"),
        (answer(403, b"<html>"), "stranger"),
    ],
)
def test_answers_of_others_have_a_cause_of_their_own(reply: Reply, cause: str) -> None:
    """A redirect and a page are told apart from refusals by a word, for programs."""
    with pytest.raises(AuthError) as caught:
        Endpoint(reply).ask(15.0)
    assert caught.value.cause == cause


def date(world: World, offset: float) -> str:
    """Return the Date header of a server `offset` seconds ahead of us."""
    return formatdate(world.wall + offset, usegmt=True)


@pytest.mark.parametrize(("offset", "word"), [(3600.0, "behind"), (-3600.0, "ahead of"), (40.0, "behind")])
def test_a_wrong_clock_is_corrected_and_the_call_succeeds(offset: float, word: str) -> None:
    """A refusal from a server with another time is repeated once at once, dated by the server's clock."""
    endpoint = Endpoint(granted())
    world = endpoint.world
    # what was known before does not stand against a refusal
    endpoint.clock.learn(date(world, 0), world.wall, 0.0)

    def serve(request: Request) -> Reply:
        claims = verified(json.loads(request.body or b"")["client_assertion"])
        server = world.wall + offset
        if abs(claims["iat"] + 5 - server) > 30:
            return refused("invalid_client_assertion", "expired", 400, date=date(world, offset))
        return answer(200, {"access_token": "T1"}, date=date(world, offset))

    world.handler = serve
    assert endpoint.ask().secret.reveal() == "T1"
    assert (len(world.requests), world.sleeps) == (2, [])
    assert endpoint.clock.seconds == pytest.approx(offset, abs=1)
    endpoint.ask()
    assert len(world.requests) == 3


@pytest.mark.parametrize("offset", [3600.0, -3600.0])
def test_a_clock_beyond_its_bound_is_refused_in_a_sentence(offset: float) -> None:
    """One assertion is refused; then nothing is signed. Once the clock is set, tokens come again."""
    endpoint = Endpoint(granted())
    world, endpoint.clock.bound = endpoint.world, 300.0
    server = [offset]

    def serve(request: Request) -> Reply:
        claims = verified(json.loads(request.body or b"")["client_assertion"])
        if abs(claims["iat"] + 5 - (world.wall + server[0])) > 30:
            return refused("invalid_client_assertion", "expired", 400, date=date(world, server[0]))
        return answer(200, {"access_token": "T1"}, date=date(world, server[0]))

    world.handler = serve
    assert re.search(r"clock of this machine is 3(599|600|601) s .* nothing is signed", endpoint.refusal())
    assert len(world.requests) == 1
    world.wall += offset
    server[0] = 0.0
    assert endpoint.ask().secret.reveal() == "T1"
    assert len(world.requests) == 2


def test_a_server_that_keeps_changing_its_time_is_not_followed_for_ever() -> None:
    """One correction is all a call makes, however the Date headers jump."""
    endpoint = Endpoint(granted())
    world = endpoint.world

    def serve(request: Request) -> Reply:
        return refused("invalid_client_assertion", "expired", date=date(world, 1000.0 * len(world.requests)))

    world.handler = serve
    endpoint.refusal()
    assert len(world.requests) == 2


def test_the_clock_is_learned_from_tokens_too() -> None:
    """The Date of a good answer sets the clock for whatever is signed next."""
    endpoint = Endpoint(granted())
    endpoint.world.handler = lambda request: answer(
        200, {"access_token": "T1"}, date=date(endpoint.world, 25)
    )
    endpoint.ask()
    assert endpoint.clock.seconds == pytest.approx(25, abs=1)
    before = endpoint.world.wall
    endpoint.ask()
    assert endpoint.claims()[1]["iat"] == pytest.approx(before + 25 - 5, abs=2)


@pytest.mark.parametrize(
    ("offset", "expected", "requests"),
    [
        (3600.0, r"the key.*the clock of this machine is 3600 s behind the server; that was allowed for", 2),
        (-100.0, r"the key.*100 s ahead of the server; that was allowed for", 2),
        (90_000.0, r"the clock; this machine is (89999|90000|90001) s behind the server: set it", 1),
        (20.0, r"likely cause: the key; sha256:\w+ is not the one registered for client id client-1$", 1),
    ],
)
def test_refusals_say_how_far_the_clock_is_off(offset: float, expected: str, requests: int) -> None:
    """A difference beyond 30 s is told in seconds, whether it was the reason or could be allowed for."""
    endpoint = Endpoint(granted())
    world = endpoint.world
    world.handler = lambda request: refused("invalid_client", "signature", date=date(world, offset))
    assert re.search(expected, endpoint.refusal())
    assert len(world.requests) == requests


def test_what_the_endpoint_echoes_is_cleaned() -> None:
    """An assertion, a long secret or a control character in the answer does not reach the error."""
    assertion = credentials().assertion(NOW)
    secret = "c2VjcmV0" * 8
    text = Endpoint(refused("invalid_client", f"bad {assertion}")).refusal()
    assert assertion.split(".")[1] not in text
    text = Endpoint(refused("invalid_client", f"bad {secret}\x1b[31m\r\n{'x y ' * 500}")).refusal()
    assert secret not in text
    assert text.isprintable()
    assert len(text) < 600


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>",
        b"[]",
        b'"T1"',
        b"null",
        b'{"access_token": "T1", "expires_in": NaN}',
        b'{"access_token": "T1"',
        {},
        {"access_token": ""},
        {"access_token": 5},
        {"access_token": "a b"},
        {"access_token": "a\r\nx-evil: 1"},
        {"access_token": "é"},
        {"access_token": "x" * 16_385},
        {"access_token": "T1", "token_type": "mac"},
        {"access_token": "T1", "token_type": None},
        {"access_token": "T1", "expires_in": -5},
        {"access_token": "T1", "expires_in": True},
        {"access_token": "T1", "expires_in": "soon"},
    ],
)
def test_malformed_answers_are_refused(body: Any) -> None:
    """A 200 that is no token is a DecodeError that shows nothing of the answer."""
    endpoint = Endpoint(answer(200, body))
    text = endpoint.refusal(DecodeError)
    assert "T1" not in text
    assert "evil" not in text
    assert len(endpoint.world.requests) == 1


def test_token_types_and_lifetimes_are_read_kindly() -> None:
    """The type may be absent or in any case, the lifetime absent or a text."""
    assert Endpoint(answer(200, {"access_token": "T1"})).ask().life == 180
    assert Endpoint(granted(token_type="bearer", expires_in="60")).ask().life == 60


def test_a_call_given_up_between_attempts_leaves_no_refusal_behind() -> None:
    """Closing the flow while it waits hands the fetch over, and the next caller succeeds."""
    endpoint = Endpoint(answer(503, {}), granted())
    world = endpoint.world
    first = Running(world, endpoint.source.token(world.monotonic + 15)).until(Send).until(Sleep)
    first.flow.close()
    assert world.run(endpoint.source.token(world.monotonic + 15)).secret.reveal() == "T1"
