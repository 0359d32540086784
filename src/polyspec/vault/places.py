"""Where a vault is and what locks it, by address: for commands and for programs that are configured.

========================================================== ===================================================
records                                                    keys
========================================================== ===================================================
``sqlite:///relative.db``, ``sqlite:////absolute.db``      ``file:PATH``: a key file
``file:PATH``: one encrypted file                          ``passphrase``: asked for
``postgresql://user@host/database?sslmode=verify-full``    ``keyring:NAME``
``keyring:NAME``: the OS keyring                           ``transit:https://host:8200/KEY?mount=transit``
``memory:``: for trying out                                ``arn:aws:kms:REGION:ACCOUNT:key/ID``
========================================================== ===================================================

In paths ``~`` is the home directory.
"""

from __future__ import annotations

import ssl
from collections.abc import Callable
from typing import Final
from urllib.parse import parse_qsl, urlsplit

from polyspec.core.secret import Secret
from polyspec.errors import ConfigError
from polyspec.vault.keys import KeyProvider
from polyspec.vault.records import MemoryRecords, RecordStore

__all__ = ["keys_at", "made_keys_at", "records_at", "shows_password"]

_POSTGRES: Final = ("postgresql", "postgres")
_SCHEMES: Final = frozenset(
    {*_POSTGRES, "sqlite", "file", "keyring", "memory", "passphrase", "transit", "arn"}
)
_OPTIONS: Final = frozenset({"mount", "namespace", "ca"})

Asked = Callable[[], Secret]


def shows_password(url: str) -> bool:
    """Tell whether an address has a password in it, which must not be seen in a list of processes."""
    try:
        parts = urlsplit(url)
        password = parts.password
    except ValueError:
        # what cannot be read is not shown either
        return True
    named = any(name in ("password", "sslpassword") for name, _ in parse_qsl(parts.query))
    return password is not None or named


def records_at(url: str | Secret) -> RecordStore:
    """Return the records at an address; raises ConfigError."""
    # what is not understood may be an address with a password: no frame of an error holds it
    hidden, url = url if isinstance(url, Secret) else Secret(url), ""
    scheme, rest = _split(hidden)
    if scheme in _POSTGRES:
        from polyspec.vault.sql_records import PostgresRecords

        return PostgresRecords(hidden)
    if scheme == "sqlite":
        from polyspec.vault.sql_records import SqliteRecords

        return SqliteRecords(_sqlite_path(rest))
    if scheme == "file":
        from polyspec.vault.file_records import FileRecords

        return FileRecords(_path(rest))
    if scheme == "keyring":
        from polyspec.vault.os_keyring import KeyringRecords

        return KeyringRecords(rest.reveal() or "default")
    if scheme == "memory" and not rest.reveal():
        return MemoryRecords()
    # without the address: what was mistyped may hold a password
    raise ConfigError(
        "a vault is at sqlite:///PATH, file:PATH, postgresql://user@host/database or keyring:NAME"
    )


def keys_at(url: str, *, passphrase: Asked, token: Asked) -> KeyProvider:
    """Return the keys at an address; raises ConfigError.

    `passphrase` is asked when it is needed, `token` (of HashiCorp Vault) before each request.
    """
    hidden, url = Secret(url), ""
    scheme, rest = _split(hidden)
    if scheme == "passphrase" and not rest.reveal():
        from polyspec.vault.passphrase import PassphraseKeys

        return PassphraseKeys(passphrase())
    if scheme == "file":
        from polyspec.vault.key_file import KeyFileKeys

        return KeyFileKeys(_path(rest))
    if scheme == "keyring":
        from polyspec.vault.os_keyring import KeyringKeys

        return KeyringKeys(rest.reveal() or "default")
    if scheme == "transit":
        return _transit(rest, token)
    if scheme == "arn":
        from polyspec.vault.kms import KmsKeys

        return KmsKeys(hidden.reveal())
    raise ConfigError(
        "the keys of a vault are file:PATH, passphrase, keyring:NAME, transit:https://host:8200/KEY or an "
        "ARN of AWS KMS"
    )


def made_keys_at(url: str, *, passphrase: Asked, token: Asked) -> KeyProvider:
    """Return the keys at an address, and make those that this machine keeps if they are not there.

    A key that is there stays. Keys of services are made in the service.
    """
    hidden, url = Secret(url), ""
    scheme, rest = _split(hidden)
    if scheme == "file":
        from polyspec.vault.key_file import KeyFileKeys

        path = _path(rest)
        return KeyFileKeys(path) if _exists(path) else KeyFileKeys.create(path)
    if scheme == "keyring":
        from polyspec.vault.os_keyring import KeyringKeys

        try:
            return KeyringKeys(rest.reveal() or "default")
        except ConfigError:
            # the same is raised again if there is no keyring at all
            return KeyringKeys.create(rest.reveal() or "default")
    return keys_at(hidden.reveal(), passphrase=passphrase, token=token)


def _exists(path: str) -> bool:
    from pathlib import Path

    place = Path(path).expanduser()
    # a link that leads nowhere is there, and refused when it is read
    return place.is_symlink() or place.exists()


def _split(url: Secret) -> tuple[str, Secret]:
    scheme, _, rest = url.reveal().strip().partition(":")
    return scheme.lower() if scheme.lower() in _SCHEMES else "", Secret(rest)


def _sqlite_path(rest: Secret) -> str:
    path = rest.reveal().removeprefix("///")
    if not path or path.startswith("//") or "?" in path:
        path = ""
        raise ConfigError("the file of a vault is named as sqlite:///relative or sqlite:////absolute/path")
    return path


def _path(rest: Secret) -> str:
    found = _named(rest.reveal())
    if not found:
        raise ConfigError("a file is named as file:PATH, or file:///absolute/path")
    return found


def _named(rest: str) -> str:
    if rest.startswith("//"):
        host, _, path = rest[2:].partition("/")
        rest = "" if host else path if path.startswith("~") else f"/{path}"
    return "" if "?" in rest else rest


def _transit(rest: Secret, token: Asked) -> KeyProvider:
    from polyspec.vault.transit import TransitKeys

    if problem := _transit_problem(rest):
        raise ConfigError(problem)
    parts = urlsplit(rest.reveal())
    options = dict(parse_qsl(parts.query))
    ca = options.get("ca")
    return TransitKeys(
        f"{parts.scheme}://{parts.netloc}",
        token,
        parts.path.strip("/") or "polyspec",
        mount=options.get("mount", "transit"),
        namespace=options.get("namespace"),
        verify=True if ca is None else ssl.create_default_context(cafile=ca),
    )


def _transit_problem(rest: Secret) -> str | None:
    try:
        parts = urlsplit(rest.reveal())
    except ValueError:
        return "the address of HashiCorp Vault is none"
    if "@" in parts.netloc:
        return "the address of HashiCorp Vault must be https, without credentials in it"
    if dict(parse_qsl(parts.query)).keys() - _OPTIONS:
        return f"an address of transit has no options but {', '.join(sorted(_OPTIONS))}"
    return None
