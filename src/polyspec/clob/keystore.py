"""Keys kept in encrypted files, the JSON that wallets export."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from polyspec.clob.signers import LocalSigner
from polyspec.core.secret import Secret
from polyspec.errors import ConfigError

__all__ = ["open_keystore"]


def open_keystore(path: str | os.PathLike[str], password: str | Secret) -> LocalSigner:
    """Take the private key out of an encrypted keystore file.

    Needs eth-account, which knows the format. Raises ConfigError if the file is no keystore, or is not
    opened by the password.
    """
    hidden, password = password if isinstance(password, Secret) else Secret(password or ""), ""
    try:
        from eth_account import Account
    except ModuleNotFoundError as error:
        raise ConfigError("keystore files need eth-account: pip install 'polyspec[eth]'") from error
    try:
        text = Path(path).read_text()
    except (OSError, UnicodeError) as error:
        raise ConfigError(f"the keystore {os.fspath(path)!r} cannot be read: {error}") from None
    key = _decrypted(Account.decrypt, text, hidden)
    if key is None:
        raise ConfigError(f"{os.fspath(path)!r} is no keystore, or this is not its password")
    return LocalSigner.from_key(key)


def _decrypted(decrypt: Callable[[str, str], bytes], text: str, password: Secret | None) -> Secret | None:
    try:
        return None if password is None else Secret(bytes(decrypt(text, password.reveal())).hex())
    except (ValueError, TypeError, LookupError, AttributeError, NotImplementedError):
        return None
