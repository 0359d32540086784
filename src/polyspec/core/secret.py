"""Values that must not be shown: not in a repr, a log line, a pickle or a traceback with locals."""

from __future__ import annotations

import hmac
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NoReturn, final

__all__ = ["Secret", "SecretHeaders"]

_SHOWN = "<secret>"


@final
class Secret:
    """A text that is shown as ``<secret>`` wherever it goes; `reveal` is the only way to it."""

    # the value sits in a closure: no attribute holds it for a serialiser or a debugger to walk into
    __slots__ = ("reveal",)

    reveal: Callable[[], str]
    """Return the text; keep it out of variables that outlive the use."""

    def __init__(self, value: str) -> None:
        object.__setattr__(self, "reveal", lambda: value)

    def __repr__(self) -> str:
        return _SHOWN

    def __format__(self, spec: str, /) -> str:
        return _SHOWN

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Secret):
            return NotImplemented
        return hmac.compare_digest(self.reveal().encode(), other.reveal().encode())

    # a hash is a fingerprint of the value, and invites its use as a key
    __hash__ = None  # type: ignore[assignment]

    def __setattr__(self, name: str, value: object) -> NoReturn:
        raise AttributeError("a secret cannot be changed")

    def __delattr__(self, name: str) -> NoReturn:
        raise AttributeError("a secret cannot be changed")

    def __copy__(self) -> Secret:
        return self

    def __deepcopy__(self, memo: dict[int, Any], /) -> Secret:
        return self

    def __reduce_ex__(self, protocol: Any, /) -> NoReturn:
        raise TypeError("a secret cannot be pickled")

    def __getstate__(self) -> NoReturn:
        raise TypeError("a secret cannot be pickled")


@final
class SecretHeaders(Mapping[str, str]):
    """Headers that carry credentials: usable as any mapping, shown by their names only."""

    __slots__ = ("reveal",)

    reveal: Callable[[], dict[str, str]]
    """Return them as they are held; keep them out of variables that outlive the use."""

    def __init__(self, headers: Mapping[str, str]) -> None:
        held = dict(headers)
        self.reveal = lambda: held

    def __getitem__(self, name: str) -> str:
        return self.reveal()[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.reveal())

    def __len__(self) -> int:
        return len(self.reveal())

    def __repr__(self) -> str:
        return f"<secret headers {', '.join(self)}>"

    def __copy__(self) -> SecretHeaders:
        return self

    def __deepcopy__(self, memo: dict[int, Any], /) -> SecretHeaders:
        return self

    def __reduce_ex__(self, protocol: Any, /) -> NoReturn:
        raise TypeError("headers with credentials cannot be pickled")
