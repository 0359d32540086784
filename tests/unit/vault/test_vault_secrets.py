"""Nothing of the vault shows a secret: through no accidental channel, on no path, right or wrong."""

from __future__ import annotations

import base64
import copy
import json
import logging
import pickle
import traceback
import urllib.parse
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import attrs
import msgspec
import pytest

from polyspec.core.secret import Secret
from polyspec.errors import PolyspecError
from polyspec.vault import (
    Credential,
    CredentialId,
    CredentialKind,
    DataKey,
    FileRecords,
    KeyFileKeys,
    KeyRing,
    KeyringKeys,
    KeyringRecords,
    KmsKeys,
    MemoryRecords,
    PassphraseKeys,
    PostgresRecords,
    SqliteRecords,
    TransitKeys,
    Vault,
)
from tests.unit.vault.transit_server import TransitServer
from tests.unit.vault.vault_rig import CANARY, CHEAP, PASSPHRASE, WALLET, Purse, cheap, wallet_of

TOKEN = "hvs.canary-token-31c9"
PASSWORD = "canary-password-0d2e"
DATA_KEY = b"canary-data-key-of-32-bytes-long"


def spellings(*more: bytes) -> set[str]:
    """Collect every canary in every form a log might show."""
    found = set()
    for data in (CANARY.encode(), PASSPHRASE.encode(), TOKEN.encode(), PASSWORD.encode(), DATA_KEY, *more):
        text = data.decode("latin-1")
        found |= {
            text, repr(data)[2:-1], data.hex(), data.hex().upper(), json.dumps(text)[1:-1],
            base64.b64encode(data).decode().rstrip("="), base64.urlsafe_b64encode(data).decode().rstrip("="),
            urllib.parse.quote(text), urllib.parse.quote(text, safe=""),
        }  # fmt: skip
    return {spelling for spelling in found if len(spelling) >= 12}


SPELLINGS = spellings()


def leaks(shown: str) -> list[str]:
    """Return the canaries that can be read in a text."""
    return [spelling for spelling in SPELLINGS if spelling in shown]


def credential(kind: CredentialKind) -> tuple[CredentialId, Credential]:
    """Make a credential of a kind."""
    place = CredentialId("acme", "alice", kind.venue, WALLET, kind)
    return place, Credential(environment="prod", secrets={"value": CANARY}, public={"nonce": "1"})


def holders() -> dict[str, object]:
    """Make one of everything that holds, or has held, a secret."""
    found: dict[str, object] = {}
    for kind in CredentialKind:
        store = Vault(MemoryRecords(), cheap())
        place, new = credential(kind)
        found |= {
            f"new {kind}": new,
            f"stored {kind}": store.put(place, new),
            f"got {kind}": store.get(place),
        }
    passphrase = cheap()
    passphrase.current()
    purse = Purse()
    found |= {
        "vault": store,
        "passphrase": passphrase,
        "ring": KeyRing(passphrase, cheap()),
        "data key": DataKey(DATA_KEY),
        "transit": TransitKeys("https://vault.example", TOKEN),
        "transit renewed": TransitKeys("https://vault.example", lambda: TOKEN),
        "kms": KmsKeys("arn:aws:kms:eu-west-1:123456789012:key/x"),
        "postgres": PostgresRecords(f"postgresql://polyspec:{PASSWORD}@127.0.0.1:1/x"),
        "keyring": KeyringKeys.create(backend=purse),
    }
    return found


HOLDERS = holders()


def text_of_traceback(failing: Callable[[], object]) -> str:
    """Fail, and print the error as an error tracker does: with the locals of every frame, causes too."""
    try:
        failing()
    except Exception as error:
        shown = traceback.TracebackException.from_exception(error, capture_locals=True)
        return "".join(shown.format()) + repr(error) + str(error) + repr(error.args) + repr(vars(error))
    return ""


def walked(thing: object, depth: int = 4) -> Iterator[str]:
    """Show a thing and what can be reached through its attributes, as `vars` and serialisers go."""
    yield repr(thing)
    if depth == 0 or isinstance(thing, str | bytes | int | type) or callable(thing):
        return
    held = getattr(thing, "__dict__", {})
    slots = [name for kind in type(thing).__mro__ for name in getattr(kind, "__slots__", ())]
    inner = [*held.values(), *(getattr(thing, name, None) for name in slots if isinstance(name, str))]
    if isinstance(thing, dict):
        inner += [*thing.keys(), *thing.values()]
    if isinstance(thing, list | tuple | set):
        inner += list(thing)
    for each in inner:
        yield from walked(each, depth - 1)


CHANNELS: dict[str, Callable[[Any], object]] = {
    "repr": repr,
    "str": str,
    "format": lambda thing: f"{thing} {thing!s} {thing!r}",
    "exception": lambda thing: str(ValueError(thing)) + repr(ValueError(thing)),
    "json": lambda thing: json.dumps(
        thing, default=lambda inner: getattr(inner, "__dict__", None) or repr(inner)
    ),
    "msgspec": lambda thing: msgspec.json.encode(thing, enc_hook=repr),
    "asdict": attrs.asdict,
    "vars": lambda thing: list(walked(thing)),
    "pickle": lambda thing: [pickle.dumps(thing, protocol) for protocol in (0, 2, 5)],
    "copy": copy.copy,
    "deepcopy": copy.deepcopy,
    "locals": lambda thing: text_of_traceback(lambda: (thing, 1 / 0)),
}


@pytest.mark.parametrize("name", list(HOLDERS))
@pytest.mark.parametrize("channel", list(CHANNELS))
def test_nothing_shows_it(name: str, channel: str) -> None:
    """Each thing that holds a secret, through each channel, shows none of it, or refuses."""
    try:
        shown = repr(CHANNELS[channel](HOLDERS[name]))
    except (
        TypeError,
        ValueError,
        AttributeError,
        RecursionError,
        pickle.PicklingError,
        attrs.exceptions.NotAnAttrsClassError,
    ) as error:
        shown = repr(error)
    assert leaks(shown) == []


@pytest.mark.parametrize("name", [name for name in HOLDERS if name != "kms"])
def test_pickles_hold_none(name: str) -> None:
    """What holds a secret is not pickled at all."""
    with pytest.raises((TypeError, AttributeError, pickle.PicklingError)):
        pickle.dumps(HOLDERS[name])


def test_the_scan_finds_what_is_there() -> None:
    """The control: a careless class leaks through these very channels."""

    class Careless:
        def __init__(self) -> None:
            self.value = CANARY
            self.key = DATA_KEY

    found = {channel for channel, show in CHANNELS.items() if leaks(repr(_tried(show, Careless())))}
    assert {"json", "vars", "copy"} - found <= {"copy"}
    assert leaks(text_of_traceback(lambda: _raise_with(CANARY)))
    assert leaks(base64.b64encode(DATA_KEY).decode())


def _tried(show: Callable[[Any], object], thing: object) -> object:
    try:
        return show(thing)
    except Exception as error:
        return error


def _raise_with(secret: str) -> None:
    assert secret
    raise ValueError("no")


class Echo(Purse):
    """A keyring whose errors show what they were given."""

    def set_password(self, service: str, username: str, password: str) -> None:
        """Fail."""
        raise OSError(password)


def wrong_turns(folder: Path, server: TransitServer, closing: ExitStack) -> dict[str, Callable[[], object]]:
    """Make one of each failure that has a secret near it."""
    records = MemoryRecords()
    store = Vault(records, cheap())
    place, new = credential(CredentialKind.CLOB_WALLET)
    store.put(place, new)
    row = records.load(place)
    assert row is not None
    assert row.sealed is not None
    damaged = MemoryRecords()
    damaged.swap(None, attrs.evolve(row, sealed=row.sealed[:-1] + bytes([row.sealed[-1] ^ 1])))
    denied = TransitKeys(server.address, TOKEN, sleep=lambda _: None)
    lost = TransitKeys("http://127.0.0.1:1", TOKEN, sleep=lambda _: None)
    broken = TransitKeys(server.address, TOKEN + "\n")
    for keys in (denied, lost, broken):
        closing.callback(keys.close)
    sandboxed = Credential(environment="sandbox", secrets=new.secrets)
    typo = PassphraseKeys(PASSPHRASE + "x", CHEAP)
    drawer = KeyringRecords(directory=folder / "k", backend=Echo())

    return {
        "conflict": lambda: store.put(place, new, 7),
        "other environment": lambda: store.put(place, sandboxed, 1),
        "damaged": lambda: Vault(damaged, cheap()).get(place),
        "wrong passphrase": lambda: Vault(records, typo).get(place),
        "wrong passphrase, put": lambda: Vault(records, typo).put(wallet_of("b"), new),
        "bad secret": lambda: Credential(environment="prod", secrets={"a": _new(), "b": 7}),  # type: ignore[dict-item]
        "bad environment": lambda: Credential(environment=_bad(), secrets={"a": _new()}),
        "bad name": lambda: Credential(environment="prod", secrets={"A b": _new()}),
        "bad public": lambda: Credential(environment="prod", secrets={"a": _new()}, public={"X": "y"}),
        "long secret": lambda: Credential(environment="prod", secrets={"a": _new() * 9_000}),
        "bytes": lambda: Credential(environment="prod", secrets={"a": _new().encode()}),  # type: ignore[dict-item]
        "lone surrogate": lambda: Credential(environment="prod", secrets={"a": _new() + "\ud800"}),
        "passphrase": lambda: PassphraseKeys(Secret(_new() + "\ud800")),
        "transit denied": lambda: Vault(MemoryRecords(), denied).put(place, new),
        "transit lost": lambda: Vault(MemoryRecords(), lost).put(place, new),
        "transit lost, wrap": lambda: lost.wrap(DataKey(DATA_KEY), bytes(32)),
        "transit token": broken.current,
        "postgres": lambda: _postgres(_password()).get(place),
        "postgres address": lambda: _postgres(_nonsense()).get(place),
        "keyring": lambda: KeyringKeys.create(backend=Echo()),
        "keyring records": lambda: Vault(drawer, cheap()).put(place, new),
        "file": lambda: Vault(FileRecords("/proc/nothing/vault"), cheap()).put(place, new),
        "sqlite": lambda: Vault(SqliteRecords("/proc/nothing/vault.db"), cheap()).put(place, new),
        "key file": lambda: KeyFileKeys(_key_file(folder)),
    }  # fmt: skip


# made in a call, so that no frame of the test shows them
def _new() -> str:
    return CANARY


def _password() -> Secret:
    return Secret(f"postgresql://polyspec:{PASSWORD}@127.0.0.1:1/x")


def _nonsense() -> Secret:
    return Secret(f"postgresql://{PASSWORD}@[/x")


def _postgres(url: Secret) -> Vault:
    return Vault(PostgresRecords(url), cheap())


def _bad() -> str:
    return "production"


def _key_file(folder: Path) -> Path:
    path = folder / "own" / "key"
    path.parent.mkdir(mode=0o700)
    path.write_text(CANARY)
    path.chmod(0o600)
    return path


WRONG = [
    "conflict", "other environment", "damaged", "wrong passphrase", "wrong passphrase, put", "bad secret",
    "bad environment", "bad name", "bad public", "long secret", "bytes", "lone surrogate", "passphrase",
    "transit denied", "transit lost", "transit lost, wrap", "transit token", "postgres", "postgres address",
    "keyring", "keyring records", "file", "sqlite", "key file",
]  # fmt: skip


@pytest.mark.parametrize("turn", WRONG)
def test_no_error_carries_one(turn: str, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Whatever goes wrong, the error, its causes, its frames' locals and the log of it show no secret."""
    caplog.set_level(1)
    with TransitServer() as server, ExitStack() as closing:
        failing = wrong_turns(tmp_path, server, closing)
        assert list(failing) == WRONG
        with pytest.raises(PolyspecError) as raised:
            failing[turn]()
        try:
            raise raised.value
        except PolyspecError:
            logging.getLogger("anybody").exception("failed: %s", failing[turn], extra={"why": raised.value})
        shown = text_of_traceback(failing[turn])
    # frames of the test itself hold what they were given
    assert "Traceback" in shown
    assert leaks(shown) == []
    assert leaks(caplog.text) == []
    assert leaks("".join(repr(vars(record)) for record in caplog.records)) == []
    assert leaks(repr(pickle.loads(pickle.dumps(raised.value)))) == []


def test_a_whole_day_is_not_logged(
    tmp_path: Path,
    postgres_url: str,
    cluster: Any,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """With every logger at its lowest level, storing, reading, rewrapping and deleting log no secret."""
    made: list[bytes] = [cluster.password.encode()]
    real = DataKey.__init__

    def noted(self: DataKey, content: bytes) -> None:
        made.append(content)
        real(self, content)

    monkeypatch.setattr(DataKey, "__init__", noted)
    caplog.set_level(1)
    for name in list(logging.root.manager.loggerDict):
        monkeypatch.setattr(logging.getLogger(name), "level", 1)
    place, new = credential(CredentialKind.CLOB_API)
    with TransitServer() as server:
        server.tokens[TOKEN] = {"read", "update"}
        transit = TransitKeys(server.address, TOKEN)
        for records in (
            FileRecords(tmp_path / "own" / "vault"),
            SqliteRecords(tmp_path / "own" / "vault.db"),
            PostgresRecords(postgres_url),
            KeyringRecords(directory=tmp_path / "own", backend=Purse()),
        ):
            with Vault(records, KeyRing(transit, cheap())) as store:
                store.put(place, new)
                assert store.get(place) is not None
                server.rotate()
                assert store.rewrap().moved == 1
                store.delete(place, 1)
    assert len(made) > 8
    shown = caplog.text + "".join(repr(vars(record)) for record in caplog.records)
    assert "/v1/transit/encrypt/polyspec" in shown
    assert [spelling for spelling in spellings(*made) if spelling in shown] == []
