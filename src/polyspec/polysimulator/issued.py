"""What the venue gives out to prove oneself with."""

from __future__ import annotations

from typing import NoReturn

from attrs import frozen
from polyspec_wire.polysimulator import models as wire

from polyspec.core.secret import Secret

__all__ = ["NewKey", "WsToken"]


@frozen(kw_only=True)
class NewKey:
    """An API key, as the venue tells it once and never again."""

    id: int
    api_key: Secret
    """``api_key.reveal()`` is the text to keep."""
    key_prefix: str | None
    """The first characters, by which listings show it."""
    tier: str | None
    permissions: tuple[str, ...]
    name: str | None
    created_at: str | None

    @classmethod
    def of(cls, made: wire.CreateKeyResponse) -> NewKey:
        """Read the venue's answer."""
        return cls(
            id=made.id,
            api_key=Secret(made.raw_key),
            key_prefix=made.key_prefix,
            tier=None if made.rate_limit_tier is None else str(made.rate_limit_tier),
            permissions=tuple(map(str, made.permissions)),
            name=made.name,
            created_at=made.created_at,
        )

    def __reduce__(self) -> NoReturn:
        raise TypeError("a key cannot be pickled")


@frozen(kw_only=True)
class WsToken:
    """What one websocket connection is opened with."""

    token: Secret
    expires_in: int | None
    """Seconds it may be used to connect; a connection outlives it."""

    @classmethod
    def of(cls, made: wire.WsTokenResponse) -> WsToken:
        """Read the venue's answer."""
        return cls(token=Secret(made.token), expires_in=made.expires_in)

    def __reduce__(self) -> NoReturn:
        raise TypeError("a token cannot be pickled")
