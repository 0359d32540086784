# Mirrored from keys_async.py by `python -m generator.mirror`; do not edit.
"""API keys of an account."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TypeAlias

from polyspec_wire.polysimulator import keys
from polyspec_wire.polysimulator import models as wire

from polyspec.errors import ConfigError, NotFound
from polyspec.polysimulator.base import Base
from polyspec.polysimulator.issued import NewKey, WsToken
from polyspec.polysimulator.naming import read_id

__all__ = ["Keys"]

_PAGE = 50

Tiers: TypeAlias = list[wire.RateLimitTierInfo]
"""Named here: the class below has a `list` of its own."""


class Keys:
    """Makes, lists and revokes keys. All keys of an account share its wallets."""

    def __init__(self, client: Base) -> None:
        self._client = client

    def bootstrap(
        self,
        name: str | None = None,
        *,
        permissions: Iterable[str] | None = None,
        tier: str | None = None,
        timeout: float | None = None,
    ) -> NewKey:
        """Make the first key of an account, which takes the dashboard's access token; see `create`.

        Allowed once a minute, and five times an hour. `use_key` of the client goes on with what this returns.
        """
        body = _request(name, permissions, tier)
        return NewKey.of(self._client.send(keys.bootstrap_key(body), timeout=timeout))

    def create(
        self,
        name: str | None = None,
        *,
        permissions: Iterable[str] | None = None,
        tier: str | None = None,
        timeout: float | None = None,
    ) -> NewKey:
        """Make another key; the venue tells it this once: keep ``api_key.reveal()``.

        `permissions` are read and trade. What is left out is as the plan of the account allows.
        """
        body = _request(name, permissions, tier)
        return NewKey.of(self._client.send(keys.create_key(body), timeout=timeout))

    def list(self, *, timeout: float | None = None) -> Iterator[wire.ApiKeyInfo]:
        """Iterate over the keys of the account, revoked ones included, without their secrets."""
        return self._client.by_offset(
            lambda offset: keys.list_keys(limit=_PAGE, offset=offset), lambda page: page, _PAGE, timeout
        )

    def get(self, key_id: int, *, timeout: float | None = None) -> wire.ApiKeyInfo:
        """Return a key without its secret; raises NotFound."""
        wanted = read_id(key_id, "key_id")
        for each in self.list(timeout=timeout):
            if each.id == wanted:
                return each
        raise NotFound(f"the account has no key {wanted}", status=200)

    def rename(self, key_id: int, name: str | None, *, timeout: float | None = None) -> wire.ApiKeyInfo:
        """Name a key; None takes its name away."""
        body = wire.RenameKeyRequest(name=_named(name))
        return self._client.send(keys.rename_key(read_id(key_id, "key_id"), body), timeout=timeout)

    def rotate(self, key_id: int, *, use: bool = False, timeout: float | None = None) -> NewKey:
        """Replace a key by a new one; the old one works for another 24 hours.

        With ``use=True`` this client goes on with the new key.
        """
        call = keys.rotate_key(read_id(key_id, "key_id"))
        made = NewKey.of(self._client.send(call, timeout=timeout))
        if use:
            self._client.use_key(made)
        return made

    def revoke(self, key_id: int, *, timeout: float | None = None) -> None:
        """Revoke a key at once."""
        self._client.send(keys.revoke_key(read_id(key_id, "key_id")), timeout=timeout)

    def tiers(self, *, timeout: float | None = None) -> Tiers:
        """Return what each plan allows; needs no key."""
        return self._client.send(keys.get_tiers(), timeout=timeout)

    def ws_token(self, *, timeout: float | None = None) -> WsToken:
        """Return a token to open one websocket connection with, within a minute."""
        return WsToken.of(self._client.send(keys.create_ws_token(), timeout=timeout))


def _request(name: str | None, permissions: Iterable[str] | None, tier: str | None) -> wire.CreateKeyRequest:
    if isinstance(permissions, str):
        # a text is iterable too, over its letters
        raise ConfigError('give a list of permissions, even for a single one: ["read"]')
    return wire.CreateKeyRequest(
        name=_named(name),
        # left out unless asked for: the venue's own default would be the lowest plan
        tier=None if tier is None else wire.Tier(tier),
        permissions=None if permissions is None else [wire.Permission(each) for each in permissions],
    )


def _named(name: str | None) -> str | None:
    if name is not None and not (isinstance(name, str) and len(name) <= 100):
        raise ConfigError(f"a name has at most 100 characters, not {name!r:.120}")
    return name
