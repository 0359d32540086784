"""A key in a file of its own."""

from __future__ import annotations

import base64
import os
import re
from pathlib import Path
from typing import Final

from polyspec.core.secret import Secret
from polyspec.errors import ConfigError
from polyspec.vault.keys import DataKey
from polyspec.vault.local_keys import LocalKey, SingleKey
from polyspec.vault.private_files import PrivateDirectory

__all__ = ["KeyFileKeys", "key_text", "read_key_text"]

_LARGEST: Final = 4_096
_TEXT: Final = re.compile(r"polyspec-vault-key-1 ([A-Za-z0-9_-]{43})\s*", re.ASCII)


def key_text() -> Secret:
    """Make a key of random bytes, as text."""
    content = base64.urlsafe_b64encode(DataKey.fresh().reveal()).decode().rstrip("=")
    return Secret(f"polyspec-vault-key-1 {content}")


def read_key_text(text: Secret) -> LocalKey | None:
    """Read what `key_text` made; None if it is something else."""
    match = _TEXT.fullmatch(text.reveal())
    return None if match is None else LocalKey(base64.urlsafe_b64decode(match[1] + "="))


class KeyFileKeys(SingleKey):
    """Locks with the key in a file of mode 0600, in a directory of mode 0700.

    Keep it apart from the vault and its backups: whoever has both has everything. Raises ConfigError if the
    file is missing, no key, or open to others.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        place = _place(path)
        key = _read(place)
        if key is None:
            raise ConfigError(f"{place} holds no key of a vault")
        super().__init__(key, "file")

    @classmethod
    def create(cls, path: str | os.PathLike[str]) -> KeyFileKeys:
        """Make a file with a new key; raises ConfigError if there is something already."""
        place = _place(path)
        with PrivateDirectory(place.parent, create=True) as directory:
            # made in the call, so that no local holds it
            if not directory.make(place.name, key_text().reveal().encode() + b"\n"):
                raise ConfigError(
                    f"{place} is there already: a key that locks something must not be replaced"
                )
        return cls(place)


def _place(path: str | os.PathLike[str]) -> Path:
    if not os.fspath(path):
        raise ConfigError("the path of the key file is empty")
    # not resolved: a symbolic link shall be seen
    return Path(os.path.abspath(Path(path).expanduser()))  # noqa: PTH100


def _read(place: Path) -> LocalKey | None:
    try:
        with PrivateDirectory(place.parent) as directory:
            content = directory.read(place.name, _LARGEST)
    except FileNotFoundError:
        content = None
    if content is None:
        raise ConfigError(
            f"{place} does not exist: put the key there, or make a first one with KeyFileKeys.create(...) or "
            "`polyspec vault init`"
        )
    return read_key_text(Secret(content.decode("latin-1")))
