"""Keys that lock keys: what they have in common, and several of them at once."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any, Final, NoReturn, Protocol, final

from attrs import frozen

from polyspec.errors import ConfigError, WrongKey

__all__ = ["DataKey", "KeyProvider", "KeyRing", "Wrapped"]

_BYTES: Final = 32


@final
class DataKey:
    """The key of one version of one record: 32 bytes that show nowhere."""

    __slots__ = ("reveal",)

    reveal: Callable[[], bytes]
    """Return them; keep them out of variables that outlive the use."""

    def __init__(self, content: bytes) -> None:
        if len(content) != _BYTES:
            # without a trace of it: the caller says what is wrong
            self.reveal = _refuse
            return
        self.reveal = lambda: content

    @classmethod
    def fresh(cls) -> DataKey:
        """Make one of random bytes."""
        return cls(os.urandom(_BYTES))

    @property
    def usable(self) -> bool:
        """Whether it has the right size."""
        return self.reveal is not _refuse

    def __repr__(self) -> str:
        return "<data key>"

    def __copy__(self) -> DataKey:
        return self

    def __deepcopy__(self, memo: dict[int, Any], /) -> DataKey:
        return self

    def __reduce_ex__(self, protocol: Any, /) -> NoReturn:
        raise TypeError("a key cannot be pickled")

    def __getstate__(self) -> NoReturn:
        raise TypeError("a key cannot be pickled")


def _refuse() -> bytes:
    raise WrongKey("what was unwrapped is no data key")


@frozen
class Wrapped:
    """A data key, locked."""

    kek_id: str
    """Which key it is locked with: names no secret."""
    content: bytes


class KeyProvider(Protocol):
    """Locks and unlocks data keys. Safe to use from any thread, and after a fork."""

    def current(self) -> str:
        """Return the id of the key that data keys are wrapped with now.

        Raises VaultUnavailable if it is elsewhere and does not answer, ConfigError if there is none.
        """
        ...

    def opens(self, kek_id: str) -> bool:
        """Tell whether what is wrapped with this key can be unwrapped here."""
        ...

    def wrap(self, key: DataKey, binding: bytes) -> Wrapped:
        """Lock a data key, so that it opens with the same `binding` only."""
        ...

    def unwrap(self, wrapped: Wrapped, binding: bytes) -> DataKey:
        """Unlock a data key; raises WrongKey, DamagedRecord or VaultUnavailable."""
        ...

    def close(self) -> None:
        """Let go of connections."""
        ...


class KeyRing:
    """Several keys: the first locks, all unlock. With it a vault goes from one key to the next."""

    def __init__(self, current: KeyProvider, *older: KeyProvider) -> None:
        if any(isinstance(keys, KeyRing) for keys in (current, *older)):
            raise ConfigError("a ring holds keys, not rings")
        self._current = current
        self._all = (current, *older)

    def current(self) -> str:
        """Return the id of the first key."""
        return self._current.current()

    def opens(self, kek_id: str) -> bool:
        """Tell whether one of them opens what is wrapped with this key."""
        return any(keys.opens(kek_id) for keys in self._all)

    def wrap(self, key: DataKey, binding: bytes) -> Wrapped:
        """Lock a data key with the first."""
        return self._current.wrap(key, binding)

    def unwrap(self, wrapped: Wrapped, binding: bytes) -> DataKey:
        """Unlock a data key with the one that can; raises WrongKey if none can."""
        for keys in self._all:
            if keys.opens(wrapped.kek_id):
                return keys.unwrap(wrapped, binding)
        raise WrongKey(f"none of {len(self._all)} keys opens what is wrapped with {wrapped.kek_id}")

    def close(self) -> None:
        """Close all of them."""
        for keys in self._all:
            keys.close()
