"""Whatever holds a secret shows it by none of the ways things get into logs, reports and files.

The vault (tests/unit/vault/test_vault_secrets.py), the tokens of the US exchange (tests/unit/test_secret.py),
connections (tests/client/test_lean_secrets.py) and the errors of each venue (tests/faults/test_*_secrets.py)
have suites of their own, which go deeper. Here is what they have in common, and that nothing was left out.
"""

from __future__ import annotations

import ast
import copy
import gc
import pickle
import re
import types
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import attrs
import pytest
from polyspec_wire.us_exchange import models as us_wire

import polyspec
from polyspec.clob.client import ClobClient
from polyspec.clob.credentials import ApiCreds
from polyspec.core.effects import Reply, Request
from polyspec.core.secret import Secret, SecretHeaders
from polyspec.errors import ConfigError
from polyspec.io import options
from polyspec.io.grpc_base import GrpcOptions
from polyspec.io.options import HttpOptions
from polyspec.limits import Shared
from polyspec.limits.redis_backend import RedisBackend
from polyspec.polysimulator.client import PolySimulatorClient
from polyspec.us import admission as streaming
from polyspec.us.client import UsExchangeClient
from polyspec.us.client_async import AsyncUsExchangeClient
from polyspec.vault import DataKey, KmsKeys, TransitKeys
from tests.faults.ears import Ears
from tests.secrets.canaries import FORMS, SECRETS, all_of, found_in
from tests.secrets.channels import CHANNELS, REFUSALS, parts_of
from tests.secrets.holders import TABLE

SRC = Path(polyspec.__file__).parent


@cache
def holder(row: str) -> Any:
    """Make it once for all channels."""
    return TABLE[row]()


def shown(thing: Any, channel: str) -> str:
    """Return what a channel shows, which may be how it refused."""
    try:
        return CHANNELS[channel](thing)
    except REFUSALS as error:
        return f"{error!r} {error} {error.args!r}"


@pytest.mark.parametrize("channel", CHANNELS)
def test_nothing_is_shown(channel: str) -> None:
    """Each row of the table, through each channel, shows none of the secrets in any of their forms."""
    leaks = {row: found for row in TABLE if (found := found_in(shown(holder(row), channel)))}
    assert leaks == {}


@pytest.mark.parametrize("row", TABLE)
def test_nothing_is_pickled(row: str) -> None:
    """Whatever holds a secret refuses to be pickled, by every protocol, also inside of something else."""
    for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
        with pytest.raises(REFUSALS):
            pickle.dumps({"deep": [holder(row)]}, protocol)


def _duplicated() -> dict[str, int]:
    """Return the rows whose copies have secrets of their own, and how many."""
    found: dict[str, int] = {}
    for row in TABLE:
        for make in (copy.copy, copy.deepcopy):
            try:
                twin = make(holder(row))
            except REFUSALS:
                continue
            own = {id(each) for each in parts_of(holder(row))}
            # kept until they are counted, so that no number is given twice
            secrets = [each for each in parts_of(twin) if isinstance(each, Secret | SecretHeaders)]
            if others := sum(id(each) not in own for each in secrets):
                found[row] = others
    return found


def test_copies_have_no_secrets_of_their_own(monkeypatch: pytest.MonkeyPatch) -> None:
    """What can be copied at all shares its secrets with the copy; one that did not would be seen."""
    assert _duplicated() == {}
    monkeypatch.setattr(Secret, "__deepcopy__", lambda secret, _: Secret(secret.reveal()))
    assert "secret" in _duplicated()


@pytest.mark.parametrize(
    "address",
    [
        f"http://me:{SECRETS['proxy']}@proxy.example:3128",
        f"http://me:{SECRETS['database']}#@proxy.example",
        f"me:{SECRETS['database']}@proxy.example:3128",
        f"{SECRETS['database']}",
        f"http://proxy.example:{SECRETS['database']}",
        "",
    ],
)
@pytest.mark.parametrize("kind", [HttpOptions, GrpcOptions])
def test_a_proxy_that_is_none_is_not_quoted(kind: Any, address: str) -> None:
    """What other libraries would say about an address they cannot read quotes it: it is refused before."""
    with pytest.raises(ConfigError, match="percent-encoded") as caught:
        kind(proxy=address)
    for error in (caught.value, caught.value.__cause__, caught.value.__context__):
        assert found_in(f"{error!r} {error}") == []
    trace = caught.value.__traceback__
    while trace is not None:
        if not trace.tb_frame.f_code.co_filename.startswith(str(Path(__file__).parent)):
            own = trace.tb_frame.f_code.co_filename.startswith(str(SRC))
            assert not own or found_in(repr(trace.tb_frame.f_locals)) == []
        trace = trace.tb_next


@pytest.mark.parametrize(
    "make",
    [
        lambda: UsExchangeClient(holder("us key"), "nonsense"),
        lambda: AsyncUsExchangeClient(holder("us key"), "nonsense"),
        lambda: ClobClient(host="nonsense", key=SECRETS["wallet key"]),
        lambda: PolySimulatorClient(SECRETS["paper key"], "nonsense"),
        lambda: KmsKeys("nonsense"),
        lambda: TransitKeys("nonsense", SECRETS["transit"]),
        lambda: Shared(SECRETS["limiter"]),
        lambda: RedisBackend(SECRETS["limiter"]),
    ],
)
def test_what_could_not_be_made_can_be_shown(make: Callable[[], Any]) -> None:
    """An error of a constructor has the half-made thing in its frames: a report of it fails for none."""
    with Ears() as ears:
        try:
            make()
        except ConfigError as error:
            ears.error(error)
    assert "__init__" in ears.text.getvalue()
    assert found_in(ears.text.getvalue()) == []


# -- the table is whole --

_SECRETIVE = {"Secret", "SecretHeaders", "DataKey", "RSAPrivateKey", "AESGCM", "Metadata"}


def _names(node: ast.AST) -> Iterator[str]:
    for each in ast.walk(node):
        if isinstance(each, ast.Name):
            yield each.id
        elif isinstance(each, ast.Attribute):
            yield each.attr
        elif isinstance(each, ast.Constant) and isinstance(each.value, str):
            yield from re.findall(r"\w+", each.value)


def _held_by(kind: ast.ClassDef) -> set[str]:
    """Return the names of what an instance may hold: of fields, of attributes, of what makes it, of bases."""
    parts: list[ast.AST] = list(kind.bases)
    for each in kind.body:
        if isinstance(each, ast.AnnAssign):
            parts += [each.annotation] if "ClassVar" not in _names(each.annotation) else []
        elif isinstance(each, ast.FunctionDef):
            parts += [
                one.annotation
                for one in ast.walk(each)
                if isinstance(one, ast.AnnAssign) and isinstance(one.target, ast.Attribute)
            ]
            if each.name == "__init__":
                given = (*each.args.args, *each.args.kwonlyargs)
                parts += [one.annotation for one in given if one.annotation is not None]
                parts += [one.func for one in ast.walk(each) if isinstance(one, ast.Call)]
    return {name for part in parts for name in _names(part)}


def _classes(sources: Iterable[tuple[str, str]]) -> dict[str, set[str]]:
    """Return what the classes of some modules hold; the sandbox has secrets of nobody."""
    found: dict[str, set[str]] = {}
    for module, source in sources:
        for each in ast.walk(ast.parse(source)):
            if isinstance(each, ast.ClassDef) and "Protocol" not in {
                n for b in each.bases for n in _names(b)
            }:
                found[f"{module}.{each.name}"] = _held_by(each)
    return found


def _sources() -> Iterator[tuple[str, str]]:
    for path in sorted(SRC.rglob("*.py")):
        parts = path.relative_to(SRC).with_suffix("").parts
        if parts[0] != "sandbox":
            yield ".".join(part for part in ("polyspec", *parts) if part != "__init__"), path.read_text()


def _holders(held: dict[str, set[str]]) -> set[str]:
    """Return the classes that hold a secret, or what holds one, and so on."""
    found: set[str] = set()
    secretive = set(_SECRETIVE)
    while more := {name for name, parts in held.items() if name not in found and parts & secretive}:
        found |= more
        secretive |= {name.rpartition(".")[2] for name in more}
    return found


@cache
def _tested() -> set[str]:
    """Return the classes of the table, of all that is reached from its rows, and what they are made of."""
    kinds = {type(each) for row in TABLE for each in parts_of(holder(row))}
    return {f"{base.__module__}.{base.__qualname__}" for kind in kinds for base in kind.__mro__}


# what has no secret in its hands, whatever its fields could hold
ELSEWHERE = {
    "polyspec.cli.watching_us._Feed": "of a replay, which is admitted with nothing",
    "polyspec.cli.watching_us.Venue": "has the feed of a replay",
    "polyspec.clob.wrapping.Wrapping": "has a wallet's addresses",
    "polyspec.us.config.Surroundings": "has the path of a key",
    "polyspec.vault.kms._Answer": "goes from one function to the next, with its content in no repr",
    **{
        f"polyspec.{module}.{name}": "tells who waits for whom"
        for module in ("core.tokens", "clob.keyring")
        for name in ("_Join", "_Lead")
    },
}


def test_no_holder_is_missing() -> None:
    """Every class of the library that holds a secret, directly or through others, is met by the table."""
    holders = _holders(_classes(_sources()))
    assert len(holders) > 150
    assert set(ELSEWHERE) <= holders
    assert holders - _tested() - set(ELSEWHERE) == set()


def test_a_missing_holder_is_found() -> None:
    """The control: a class that begins to hold a secret, in any of these ways, is found, and its holder."""
    ways = {
        "Field": "    key: Secret",
        "Text": "    key: 'Secret | None' = None",
        "Made": "    def __init__(self, key): self.key = Secret(key)",
        "Given": "    def __init__(self, *, key: str | Secret): self.key = key",
        "Kept": "    def use(self, key): self.key: Secret = key",
        "Outer": "    inner: dict[str, Field]",
        "Heir(Given)": "    pass",
    }
    source = "\n".join(f"class {name}:\n{body}" for name, body in ways.items())
    found = _holders(_classes([("new", source + "\nclass Other:\n    name: str")]))
    assert found == {f"new.{name.partition('(')[0]}" for name in ways}
    assert found & _tested() == set()


# -- and not hollow --


def _holds(thing: Any) -> bool:
    """Tell whether a secret is in what a thing refers to, whatever is shown of it."""
    seen: set[int] = set()
    waiting = [thing]
    while waiting and len(seen) < 60_000:
        each = waiting.pop(0)
        if id(each) in seen or isinstance(each, type | types.ModuleType | types.FrameType):
            continue
        seen.add(id(each))
        if isinstance(each, str | bytes):
            if found_in(each if isinstance(each, str) else each.decode("latin-1")):
                return True
        elif isinstance(each, types.FunctionType):
            waiting += [*(each.__closure__ or ()), *(each.__defaults__ or ())]
        else:
            waiting += gc.get_referents(each)
    return False


# their keys are in the memory of other libraries, or were made up by themselves; no connection stands
INSIDE = {
    "signer", "signer of eth-account", "us key", "token sealer", "local key", "single key", "key file keys",
    "keyring keys", "clob order signer", "connections", "connections, async",
}  # fmt: skip


@pytest.mark.parametrize("row", [row for row in TABLE if row not in INSIDE])
def test_rows_hold_secrets(row: str) -> None:
    """Each row has a secret to hide: it is in the memory that belongs to it."""
    assert _holds(holder(row))


@attrs.define
class Careless:
    """Holds what it is given as anybody would."""

    headers: Any


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("channel", CHANNELS)
def test_each_channel_shows_each_form(channel: str, form: str) -> None:
    """The control: what is held carelessly is found by each channel, in each form, whichever secret it is."""
    for name in SECRETS:
        for secret in all_of(name):
            careless = Careless({"x-key": FORMS[form](secret)})
            assert found_in(shown(careless, channel)), (name, secret)


def _fields(thing: Any) -> str:
    return repr({name: getattr(thing, name) for name in thing.__struct_fields__})


def _old(kind: Any, name: str) -> Any:
    """Return what a class would do without its own way."""
    return next(vars(base)[name] for base in kind.__mro__[1:] if name in vars(base))


# without each of these guards, this row gives something away by this channel
GUARDS: dict[str, tuple[Any, str, Any, str, str]] = {
    "secrets are hidden": (Secret, "__repr__", lambda secret: secret.reveal(), "managed paper user", "vars"),
    "secrets are hidden in texts": (
        Secret, "__format__", lambda secret, _: secret.reveal(), "secret", "format"
    ),
    "headers are hidden": (
        SecretHeaders, "__repr__", lambda held: repr(dict(held)), "headers", "headers repr"
    ),
    "requests are hidden": (Request, "__repr__", _fields, "send", "logging args"),
    "replies are hidden": (Reply, "__repr__", _fields, "reply", "exception args"),
    "requests are not pickled": (Request, "__reduce__", _old(Request, "__reduce__"), "request", "pickle"),
    "replies are not pickled": (Reply, "__reduce__", _old(Reply, "__reduce__"), "reply", "pickle"),
    "requests have no state": (
        Request, "__getstate__", _old(Request, "__getstate__"), "request", "json default hook"
    ),
    "messages are hidden": (
        us_wire, "shown", lambda message, _: _fields(message), "wire: us_exchange TokenResponse",
        "traceback with locals",
    ),
    "messages are not pickled": (
        us_wire.TokenResponse, "__reduce__", _old(us_wire.TokenResponse, "__reduce__"),
        "wire: us_exchange TokenResponse", "pickle",
    ),
    "credentials are hidden": (
        ApiCreds, "__repr__", lambda creds: repr(creds.reveal()), "managed clob user", "vars"
    ),
    "data keys are hidden": (
        DataKey, "__repr__", lambda key: repr(key.reveal()), "data key", "logging extra"
    ),
    "addresses of limits are hidden": (
        Shared, "__repr__", lambda shared: shared._url.reveal(), "us settings", "repr"
    ),
    "proxies are hidden": (
        options, "proxy_shown", lambda proxy: proxy.reveal(), "paper settings", "str"
    ),
    "metadata are sealed": (
        streaming, "GrpcDial", lambda metadata, **_: metadata(), "us dial", "repr"
    ),
}  # fmt: skip


@pytest.mark.parametrize("guard", GUARDS)
def test_no_guard_is_idle(guard: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without any one of the guards, something is given away, and the table tells."""
    owner, name, broken, row, channel = GUARDS[guard]
    assert found_in(shown(TABLE[row](), channel)) == []
    monkeypatch.setattr(owner, name, broken)
    assert found_in(shown(TABLE[row](), channel))
