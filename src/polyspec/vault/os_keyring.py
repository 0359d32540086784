"""The keyring of the operating system: for a key, or for the records themselves."""

from __future__ import annotations

import base64
import hashlib
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Final, Protocol

from polyspec.core.secret import Secret
from polyspec.errors import ConfigError, DamagedRecord, VaultUnavailable
from polyspec.vault.ids import CredentialId, Filter
from polyspec.vault.key_file import key_text, read_key_text
from polyspec.vault.local_keys import LocalKey, SingleKey
from polyspec.vault.private_files import PrivateDirectory
from polyspec.vault.records import Row

__all__ = ["KeyringKeys", "KeyringRecords"]

_SERVICE: Final = "polyspec-vault"
# modules of keyring and its company whose backends keep secrets in the open, or nowhere
_REFUSED: Final = ("keyring.backends.null", "keyring.backends.fail", "keyrings.alt")
_INDEX: Final = "index"


class Backend(Protocol):
    """What is used of a backend of ``keyring``."""

    def get_password(self, service: str, username: str, /) -> str | None:
        """Return a text."""
        ...

    def set_password(self, service: str, username: str, password: str, /) -> None:
        """Store a text."""
        ...


def secure_backend(given: Backend | None) -> Backend:
    """Return a backend that keeps secrets secret: the one given, or this machine's; raises ConfigError."""
    if given is None:
        try:
            import keyring
        except ModuleNotFoundError as error:
            raise ConfigError("the OS keyring needs keyring: pip install 'polyspec[keyring]'") from error
        given = keyring.get_keyring()
    # a chain would fall through to whatever takes the text
    chained = getattr(given, "backends", None)
    offered = list(chained) if isinstance(chained, list | tuple) else [given]
    usable = [backend for backend in offered if not _is_refused(backend)]
    if not usable:
        raise ConfigError(
            f"this machine has no keyring that keeps secrets secret ({_name(given)}): "
            "use a passphrase, a key file or a key service"
        )
    return usable[0]


def _is_refused(backend: object) -> bool:
    # the classes it is made of as well: a subclass of a plain-text backend is one
    names = [f"{kind.__module__}.{kind.__qualname__}" for kind in type(backend).__mro__]
    return any(name.startswith(_REFUSED) or "plaintext" in name.lower() for name in names)


def _name(backend: object) -> str:
    return f"{type(backend).__module__}.{type(backend).__qualname__}"


class _Drawer:
    """Texts of one service in the keyring; its errors end here, for their frames hold the texts."""

    def __init__(self, backend: Backend | None, service: str) -> None:
        self._backend = secure_backend(backend)
        self._service = service

    def read(self, name: str) -> Secret | None:
        found = self._read(name)
        if isinstance(found, str):
            raise VaultUnavailable(f"the OS keyring cannot be read ({found}): is it unlocked?")
        return found

    def write(self, name: str, text: Secret) -> None:
        if problem := self._write(name, text):
            failure = VaultUnavailable(f"the OS keyring cannot be written ({problem}): is it unlocked?")
            failure.maybe_executed = True
            raise failure

    def _read(self, name: str) -> Secret | str | None:
        try:
            found = self._backend.get_password(self._service, name)
        except Exception as error:  # backends raise what the system's libraries raise
            return type(error).__name__
        return None if found is None else Secret(found)

    def _write(self, name: str, text: Secret) -> str | None:
        try:
            self._backend.set_password(self._service, name, text.reveal())
        except Exception as error:
            return type(error).__name__
        return None


class KeyringKeys(SingleKey):
    """Locks with a key that the operating system keeps, under a name. For desktops.

    Raises ConfigError if there is no such key, or no keyring that keeps secrets secret.
    """

    def __init__(
        self, name: str = "default", *, service: str = _SERVICE, backend: Backend | None = None
    ) -> None:
        key = _key(_Drawer(backend, service), name)
        if key is None:
            raise ConfigError(
                f"the OS keyring has no key {name!r} of a vault: make one with KeyringKeys.create({name!r})"
            )
        super().__init__(key, "keyring")

    @classmethod
    def create(
        cls, name: str = "default", *, service: str = _SERVICE, backend: Backend | None = None
    ) -> KeyringKeys:
        """Make a key and have it kept; raises ConfigError if there is one of that name."""
        drawer = _Drawer(backend, service)
        if drawer.read(f"key {name}") is not None:
            raise ConfigError(f"the OS keyring has a key {name!r} already: what it locks would be lost")
        drawer.write(f"key {name}", key_text())
        return cls(name, service=service, backend=backend)


def _key(drawer: _Drawer, name: str) -> LocalKey | None:
    text = drawer.read(f"key {name}")
    return None if text is None else read_key_text(text)


class KeyringRecords:
    """Keeps rows in the keyring of the operating system. For desktops and a few credentials.

    A keyring can neither compare nor list: a lock in `directory` keeps other processes of this user out, and
    an index says what there is. Some systems take no more than 2,500 bytes for each record.
    """

    def __init__(
        self,
        name: str = "default",
        *,
        directory: str | os.PathLike[str] = "~/.polyspec",
        patience: float = 10.0,
        backend: Backend | None = None,
        service: str = _SERVICE,
    ) -> None:
        self._drawer = _Drawer(backend, f"{service} records {name}")
        self._directory = Path(os.path.abspath(Path(directory).expanduser()))  # noqa: PTH100
        self._lock = f"keyring-{hashlib.sha256(f'{service} {name}'.encode()).hexdigest()[:16]}"
        self._patience = patience

    def load(self, id: CredentialId) -> Row | None:  # noqa: A002
        """Return the row of a credential."""
        text = self._drawer.read(_place(id))
        return None if text is None else _row(id, text.reveal())

    def swap(self, old: Row | None, new: Row) -> bool:
        """Replace a row if it is the one expected."""
        with (
            PrivateDirectory(self._directory, create=True) as directory,
            directory.locked(self._lock, self._patience),
        ):
            if self.load(new.id) != old:
                return False
            # what is listed and not there is passed over; what is there and not listed would be lost
            self._list(new.id)
            self._drawer.write(_place(new.id), Secret(_text(new)))
            return True

    def scan(self, filter: Filter) -> Iterator[Row]:  # noqa: A002
        """Return the rows that are meant."""
        for id in sorted(self._index()):  # noqa: A001
            if filter.matches(id) and (row := self.load(id)) is not None and row.sealed is not None:
                yield row

    def close(self) -> None:
        """Do nothing: there is nothing to close."""

    def _index(self) -> set[CredentialId]:
        text = self._drawer.read(_INDEX)
        try:
            listed: list[list[str]] = [] if text is None else json.loads(text.reveal())
            return {CredentialId.of(parts) for parts in listed}
        except (ValueError, TypeError, LookupError):
            raise DamagedRecord(
                "the index of the vault in the OS keyring is damaged", reason="malformed"
            ) from None

    def _list(self, id: CredentialId) -> None:  # noqa: A002
        listed = self._index()
        if id not in listed:
            self._drawer.write(_INDEX, Secret(json.dumps(sorted(entry.parts for entry in {*listed, id}))))


def _place(id: CredentialId) -> str:  # noqa: A002
    # a digest: some systems are particular about names
    return f"record {hashlib.sha256(json.dumps(id.parts).encode()).hexdigest()}"


def _text(row: Row) -> str:
    return f"{row.version} {'' if row.sealed is None else base64.b64encode(row.sealed).decode()}"


def _row(id: CredentialId, text: str) -> Row:  # noqa: A002
    version, _, sealed = text.partition(" ")
    try:
        row = Row(id, int(version), base64.b64decode(sealed, validate=True) if sealed else None)
    except ValueError:
        row = None
    if row is None or _text(row) != text:
        raise DamagedRecord("a record in the OS keyring is damaged", reason="malformed")
    return row
