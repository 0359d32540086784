"""Secrets leak through no accidental channel."""

from __future__ import annotations

import base64
import copy
import dataclasses
import json
import logging
import pickle
import traceback
import urllib.parse
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import attrs
import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
)

from polyspec.core.clock import ClockOffset
from polyspec.core.effects import Reply, Request, Send, Timeouts
from polyspec.core.secret import Secret, SecretHeaders
from polyspec.core.tokens import Token, TokenCache
from polyspec.errors import ConfigError
from polyspec.us.auth import PrivateKeyJwt
from polyspec.us.token_flow import TokenSource
from tests.unit.flows import World

CANARY = "canary-7f3a?/+%-secret"
PASSPHRASE = "canary-passphrase-9x"
KEY = rsa.generate_private_key(65537, 2048)
PEM = KEY.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
LOCKED = KEY.private_bytes(
    Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(PASSPHRASE.encode())
).decode()


def spellings() -> set[str]:
    """Collect every canary in every form a log might show."""
    plain = [
        CANARY,
        PASSPHRASE,
        *(line for line in PEM.splitlines() + LOCKED.splitlines() if "---" not in line),
    ]
    plain = [text for text in plain if len(text) >= 16]
    numbers = KEY.private_numbers()
    secret_numbers = [numbers.d, numbers.p, numbers.q]
    found = {str(number) for number in secret_numbers} | {f"{number:x}" for number in secret_numbers}
    for text in plain:
        data = text.encode()
        found |= {
            text,
            data.hex(),
            repr(data)[2:-1],
            urllib.parse.quote(text, safe=""),
            json.dumps(text)[1:-1],
        }
        found |= {
            base64.b64encode(data).decode().rstrip("="),
            base64.urlsafe_b64encode(data).decode().rstrip("="),
        }
    return found


SPELLINGS = spellings()


def assert_clean(text: str) -> None:
    """Fail if a canary shows in `text` in any form."""
    for spelling in SPELLINGS:
        assert spelling not in text


def credentials(**changes: Any) -> PrivateKeyJwt:
    """Make credentials from the canary key."""
    settings: dict[str, Any] = {"client_id": "c", "token_url": "https://auth.test/oauth/token"}
    settings |= {"audience": "https://api.test", "passphrase": PASSPHRASE} | changes
    return PrivateKeyJwt.from_pem(LOCKED, **settings)


def source() -> TokenSource:
    """Make a token source that holds a token."""
    world = World(lambda request: Reply(200, {}, json.dumps({"access_token": CANARY}).encode(), 0.01))
    made = TokenSource(credentials(), ClockOffset(), lambda: 0.5, cache=TokenCache(lambda: 0.5))
    world.run(made.token(world.monotonic + 10))
    return made


@dataclasses.dataclass
class Dataclass:
    """Something of a user's that holds a credential."""

    held: Any


@attrs.define
class Attrs:
    """The same, made with attrs."""

    held: Any


CREDENTIALS: dict[str, Callable[[], Any]] = {
    "secret": lambda: Secret(CANARY),
    "headers": lambda: SecretHeaders({"authorization": f"Bearer {CANARY}"}),
    "token": lambda: Token(Secret(CANARY), 0.0, 180.0),
    "credentials": credentials,
    "source": source,
    "cache": lambda: source().cache,
    "request": lambda: Request(
        "POST", f"https://a.test/?t={CANARY}", (("x", CANARY),), CANARY.encode(), Timeouts(1, 1, 1, 1)
    ),
    "send": lambda: Send(
        Request("POST", "https://a.test/", (("x", CANARY),), CANARY.encode(), Timeouts(1, 1, 1, 1))
    ),
    "reply": lambda: Reply(200, {"set-cookie": CANARY}, CANARY.encode(), 0.1),
}
# A request is sent from its fields, so those that ask for fields get them; what shows by accident is nothing.
HOLDERS = {name: make for name, make in CREDENTIALS.items() if name not in {"request", "send", "reply"}}


@pytest.mark.parametrize("make", CREDENTIALS.values(), ids=CREDENTIALS)
def test_text_channels_show_nothing(make: Callable[[], Any]) -> None:
    """No way of turning a credential, or what holds one, into text shows it."""
    held = make()
    ways: list[Callable[[Any], str]] = [
        repr,
        str,
        ascii,
        lambda x: f"{x}",
        lambda x: f"{x!r:>300}",
        lambda x: f"{x!s}",
        "{}".format,
    ]
    ways += [lambda x: f"{x!a}", lambda x: "%s %r" % (x, x), lambda x: repr([x, {1: x}, (x,)])]  # noqa: UP031
    ways += [lambda x: repr(Dataclass(x)), lambda x: repr(Attrs(x)), lambda x: repr(partial(print, x))]
    ways += [lambda x: str(ValueError(x)), lambda x: repr(ValueError("a", x)), lambda x: str(KeyError(x))]
    for way in ways:
        assert_clean(way(held))


@pytest.mark.parametrize("make", CREDENTIALS.values(), ids=CREDENTIALS)
def test_logging_shows_nothing(make: Callable[[], Any], caplog: pytest.LogCaptureFixture) -> None:
    """Credentials as arguments, as extras and in logged exceptions do not reach the log."""
    held = make()
    caplog.set_level(1)
    log = logging.getLogger("test")
    log.warning("%s %r %s", held, held, [held], extra={"held": held})
    log.error("failed with %s", held, exc_info=ValueError(held))
    assert_clean(caplog.text)
    assert_clean("".join(repr(vars(record)) for record in caplog.records))


@pytest.mark.parametrize("make", CREDENTIALS.values(), ids=CREDENTIALS)
def test_tracebacks_with_locals_show_nothing(make: Callable[[], Any]) -> None:
    """A traceback that prints every local of every frame shows no credential."""

    def fail(argument: Any) -> None:
        holder = {"argument": argument}
        raise ValueError(argument, holder)

    with pytest.raises(ValueError) as caught:
        fail(make())
    assert_clean(shown(caught.value))


def shown(error: BaseException) -> str:
    """Format an error with all locals of all frames, of what it was raised from as well."""
    return "".join(traceback.TracebackException.from_exception(error, capture_locals=True).format())


@pytest.mark.parametrize("make", CREDENTIALS.values(), ids=CREDENTIALS)
@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_pickling_is_refused(make: Callable[[], Any], protocol: int) -> None:
    """No protocol pickles a credential or what holds one."""
    with pytest.raises((TypeError, pickle.PicklingError, AttributeError)):
        pickle.dumps(make(), protocol)
    with pytest.raises((TypeError, pickle.PicklingError, AttributeError)):
        pickle.dumps({"deep": [Attrs(make())]}, protocol)


@pytest.mark.parametrize("make", [CREDENTIALS[name] for name in ("secret", "headers", "credentials")])
def test_copies_are_the_thing_itself(make: Callable[[], Any]) -> None:
    """Copying, deeply or not, does not put a second copy into memory."""
    held = make()
    assert copy.copy(held) is held
    assert copy.deepcopy(held) is held
    assert copy.deepcopy([held])[0] is held
    assert copy.deepcopy(Dataclass(held)).held is held


@pytest.mark.parametrize("make", HOLDERS.values(), ids=HOLDERS)
def test_structural_dumps_show_nothing(make: Callable[[], Any]) -> None:
    """What walks fields (asdict, JSON encoders, vars) meets no credential."""
    held = make()
    dumps: list[Callable[[], Any]] = [
        lambda: vars(held),
        lambda: attrs.asdict(held),
        lambda: attrs.astuple(held),
        lambda: attrs.asdict(Attrs(held)),
        lambda: dataclasses.asdict(Dataclass(held)),
        lambda: json.dumps(held),
        lambda: json.dumps(held, default=vars),
        lambda: json.dumps({"a": held}, default=str),
        lambda: msgspec.json.encode(held),
        lambda: msgspec.json.encode(held, enc_hook=repr),
        lambda: msgspec.to_builtins(held),
        lambda: msgspec.structs.asdict(held),
        lambda: list(walk(held)),
    ]
    dumps += [getattr(held, name) for name in ("__getstate__", "__reduce__") if hasattr(held, name)]
    for dump in dumps:
        try:
            outcome = dump()
        except (TypeError, AttributeError, ValueError) as error:
            outcome = error
        assert_clean(repr(outcome))


def walk(thing: Any, depth: int = 4) -> Iterator[object]:
    """Yield every value reachable through attributes and slots, as a naive serialiser would."""
    if depth and not callable(thing):
        names = [*getattr(thing, "__dict__", ()), *(getattr(type(thing), "__slots__", ()))]
        for name in names:
            value = getattr(thing, name, None)
            yield value
            yield from walk(value, depth - 1)


def test_the_canaries_would_be_seen() -> None:
    """A text that is not wrapped is found by the check, in every spelling and through the same channels."""

    def fail(argument: str) -> None:
        raise ValueError(len(argument))

    with pytest.raises(ValueError) as caught:
        fail(CANARY)
    leaks = [repr(Attrs(CANARY)), json.dumps({"a": CANARY}), shown(caught.value), CANARY.encode().hex()]
    leaks += [repr(pickle.dumps(CANARY)), urllib.parse.quote(CANARY, safe=""), repr(KEY.private_numbers().d)]
    leaks += [base64.b64encode(PASSPHRASE.encode()).decode(), repr(list(walk(Attrs(CANARY)))), PEM]
    for leak in leaks:
        with pytest.raises(AssertionError):
            assert_clean(leak)


def test_a_secret_behaves_like_a_sealed_text() -> None:
    """Equal secrets are equal, nothing else is; they cannot be changed, hashed, iterated or measured."""
    secret = Secret(CANARY)
    assert secret.reveal() == CANARY
    assert secret == Secret(CANARY)
    assert secret != Secret(CANARY + "x")
    assert secret != CANARY
    assert (repr(secret), f"{secret:>20}", str(secret)) == ("<secret>",) * 3
    attempts: list[Callable[[Any], Any]] = [hash, len, iter, vars, lambda s: s + "a", lambda s: s[0]]
    attempts.append(lambda s: setattr(s, "reveal", str))
    for attempt in attempts:
        with pytest.raises((TypeError, AttributeError)):
            attempt(secret)
    with pytest.raises(AttributeError):
        del secret.reveal


def test_secret_headers_behave_like_a_mapping() -> None:
    """They can be read, merged and iterated; shown are the names."""
    headers = SecretHeaders({"authorization": "Bearer x", "x-participant-id": "firms/f/users/u"})
    assert headers["authorization"] == "Bearer x"
    assert dict(headers) == {"authorization": "Bearer x", "x-participant-id": "firms/f/users/u"}
    assert [*headers.items()][1] == ("x-participant-id", "firms/f/users/u")
    assert repr(headers) == "<secret headers authorization, x-participant-id>"


WRONG: dict[str, dict[str, Any]] = {
    "wrong passphrase": {"pem": LOCKED, "passphrase": PASSPHRASE + "-not"},
    "passphrase for an open key": {"pem": PEM, "passphrase": PASSPHRASE},
    "no passphrase": {"pem": LOCKED},
    "damaged": {"pem": PEM.replace("\n", "\nA", 3)},
    "cut": {"pem": PEM[: len(PEM) // 2]},
    "bytes": {"pem": PEM.encode()[:-60]},
    "as a secret": {"pem": Secret(PEM[:-60])},
    "lifetime": {"pem": PEM, "lifetime": 1000},
    "client id": {"pem": PEM, "client_id": ""},
}


@pytest.mark.parametrize("wrong", WRONG.values(), ids=WRONG)
@pytest.mark.parametrize("by_file", [False, True])
def test_refused_keys_do_not_show_in_the_error(wrong: dict[str, Any], by_file: bool, tmp_path: Any) -> None:
    """Neither key nor passphrase shows in the error, its context, or any frame of ours in its traceback."""
    settings = {"client_id": "c", "token_url": "https://a.test/t", "audience": "https://b.test"} | wrong
    pem = settings.pop("pem")
    if by_file:
        path = tmp_path / "key.pem"
        raw = pem.reveal() if isinstance(pem, Secret) else pem
        path.write_bytes(raw if isinstance(raw, bytes) else raw.encode())
        path.chmod(0o600)
        call = partial(PrivateKeyJwt.from_file, path, **settings)
    else:
        call = partial(PrivateKeyJwt.from_pem, pem, **settings)
    with pytest.raises(ConfigError) as caught:
        call()
    error = caught.value
    assert error.__cause__ is None
    assert error.__context__ is None
    # the frame of this test knows the key, of course
    assert error.__traceback__ is not None
    error.__traceback__ = error.__traceback__.tb_next
    assert_clean(shown(error))
