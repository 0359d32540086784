"""A key made of a passphrase."""

from __future__ import annotations

import os
import re
from collections import OrderedDict
from typing import Final

from attrs import frozen
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

from polyspec.core.secret import Secret
from polyspec.errors import ConfigError, WrongKey
from polyspec.vault.forking import OwnLock
from polyspec.vault.keys import DataKey, Wrapped
from polyspec.vault.local_keys import LocalKey

__all__ = ["Argon2Cost", "PassphraseKeys"]

_MOST_MEMORY: Final = 1024 * 1024
_MOST_PASSES: Final = 10
_MOST_LANES: Final = 16
_SALT: Final = 16
_KEPT: Final = 16
_ID: Final = re.compile(
    r"argon2id:m=([1-9]\d{0,7}),t=([1-9]\d?),p=([1-9]\d?):([0-9a-f]{32}):([0-9a-f]{32})", re.ASCII
)


@frozen
class Argon2Cost:
    """What deriving the key costs whoever tries passphrases; about 0.15 s with these numbers.

    Bounded above, for they are read from records too. Raises ConfigError.
    """

    memory_kib: int = 65_536
    passes: int = 3
    lanes: int = 4

    def __attrs_post_init__(self) -> None:
        if not (1 <= self.passes <= _MOST_PASSES and 1 <= self.lanes <= _MOST_LANES):
            raise ConfigError(f"Argon2id takes 1 to {_MOST_PASSES} passes and 1 to {_MOST_LANES} lanes here")
        if not 8 * self.lanes <= self.memory_kib <= _MOST_MEMORY:
            raise ConfigError(f"Argon2id takes 8 KiB for each lane to {_MOST_MEMORY} KiB of memory here")


@frozen
class _Recipe:
    """How a key was made: what of its id comes before the check."""

    cost: Argon2Cost
    salt: bytes

    def id(self, check: str) -> str:
        cost = self.cost
        return f"argon2id:m={cost.memory_kib},t={cost.passes},p={cost.lanes}:{self.salt.hex()}:{check}"

    @classmethod
    def read(cls, kek_id: str) -> tuple[_Recipe, str] | None:
        """Return the recipe and the check of an id; None if it is of another kind, or asks too much."""
        if (match := _ID.fullmatch(kek_id)) is None:
            return None
        memory, passes, lanes, salt, check = match.groups()
        try:
            return cls(Argon2Cost(int(memory), int(passes), int(lanes)), bytes.fromhex(salt)), check
        except ConfigError:
            return None


class PassphraseKeys:
    """Locks with a key derived from a passphrase by Argon2id.

    Records carry how their key was made. The first ones found in a vault lend theirs, so that a process
    derives once; an empty vault begins with a salt of its own. Holds the derived keys, not the passphrase in
    the open. Raises ConfigError for an empty passphrase.
    """

    def __init__(self, passphrase: str | Secret, cost: Argon2Cost | None = None) -> None:
        hidden, passphrase = passphrase if isinstance(passphrase, Secret) else Secret(passphrase), ""
        if problem := _unusable(hidden):
            raise ConfigError(problem)
        self._passphrase = hidden
        self._cost = cost or Argon2Cost()
        self._derived: OrderedDict[_Recipe, LocalKey] = OrderedDict()
        self._recipe: _Recipe | None = None
        # one derivation at a time: each takes the memory it was told to
        self._lock = OwnLock()

    def current(self) -> str:
        """Return how the key is made that records get now."""
        recipe, key = self._mine()
        return recipe.id(key.check)

    def opens(self, kek_id: str) -> bool:
        """Tell whether the passphrase makes this key, by making it."""
        found = _Recipe.read(kek_id)
        if found is None or self._key(found[0]).check != found[1]:
            return False
        if self._recipe is None and found[0].cost == self._cost:
            self._recipe = found[0]
        return True

    def wrap(self, key: DataKey, binding: bytes) -> Wrapped:
        """Lock a data key."""
        recipe, mine = self._mine()
        return mine.wrap(key, binding, recipe.id(mine.check))

    def unwrap(self, wrapped: Wrapped, binding: bytes) -> DataKey:
        """Unlock a data key; raises WrongKey or DamagedRecord."""
        found = _Recipe.read(wrapped.kek_id)
        if found is None:
            raise WrongKey("the record is not locked with a passphrase, or asks for more than is allowed")
        if not self.opens(wrapped.kek_id):
            raise WrongKey("the passphrase is wrong, or what says how its key is made was altered")
        return self._key(found[0]).unwrap(wrapped, binding)

    def close(self) -> None:
        """Forget the derived keys."""
        with self._lock:
            self._derived.clear()

    def _mine(self) -> tuple[_Recipe, LocalKey]:
        if self._recipe is None:
            self._recipe = _Recipe(self._cost, os.urandom(_SALT))
        recipe = self._recipe
        return recipe, self._key(recipe)

    def _key(self, recipe: _Recipe) -> LocalKey:
        with self._lock:
            if (key := self._derived.get(recipe)) is None:
                key = _derived(self._passphrase, recipe)
                if key is not None:
                    self._derived[recipe] = key
                    while len(self._derived) > _KEPT:
                        self._derived.popitem(last=False)
        if key is None:
            raise ConfigError("Argon2id is not available here: cryptography needs OpenSSL 3.2 or newer")
        return key


def _unusable(passphrase: Secret) -> str | None:
    text: object = passphrase.reveal()
    if not isinstance(text, str) or not text.strip():
        return "the passphrase must be a text, and not empty"
    try:
        text.encode()
    except UnicodeError:
        return "the passphrase must be a text of valid characters"
    return None


def _derived(passphrase: Secret, recipe: _Recipe) -> LocalKey | None:
    cost = recipe.cost
    try:
        kdf = Argon2id(
            salt=recipe.salt,
            length=32,
            iterations=cost.passes,
            lanes=cost.lanes,
            memory_cost=cost.memory_kib,
        )
        return LocalKey(kdf.derive(passphrase.reveal().encode()))
    except UnsupportedAlgorithm:
        return None
