"""API keys: credentials that follow from the seed, the address and the nonce, and when they hold."""

from __future__ import annotations

import base64
import hmac
from hashlib import sha256
from typing import Final
from uuid import UUID

import msgspec

from polyspec.sandbox.clob.options import ClobOptions
from polyspec.sandbox.clob.refusals import Refusal, bad_request
from polyspec.sandbox.http.clock import Clock
from polyspec.sandbox.http.store import Store

__all__ = ["ApiKey", "BuilderKey", "Keys", "ReadonlyKey"]

_SECOND: Final = 1_000_000_000


class ApiKey(msgspec.Struct, frozen=True, kw_only=True):
    """A set of level-2 credentials; what is secret about it is derived, not kept."""

    id: str
    address: str
    """Lower case."""
    nonce: int
    created: int
    """Nanoseconds since 1970."""
    deleted: bool = False
    line: str = ""
    """The first key of its wallet, under whose name the orders of all are kept; empty: its own."""


class BuilderKey(msgspec.Struct, frozen=True, kw_only=True):
    """Credentials of a builder."""

    id: str
    address: str
    created: int
    revoked: int = 0
    """Nanoseconds since 1970; 0: it holds."""


class ReadonlyKey(msgspec.Struct, frozen=True, kw_only=True):
    """A key that was made for reading."""

    id: str
    address: str
    owner: str
    """The key it was made with, whose orders and trades it reads."""
    deleted: bool = False


class Keys:
    """Who has which credentials."""

    def __init__(self, store: Store, clock: Clock, options: ClobOptions) -> None:
        self._store = store
        self._clock = clock
        self._options = options
        # credentials that were handed out go on to hold, whatever the seed of a later run
        seeds = store.load("seed", int)
        if "seed" not in seeds:
            store.put("seed", "seed", options.seed or 0)
        self._root = sha256(f"polyspec/clob/{seeds.get('seed', options.seed or 0)}".encode()).digest()
        self._keys = store.load("key", ApiKey)
        self._builders = store.load("builder_key", BuilderKey)
        self._readonly = store.load("readonly_key", ReadonlyKey)

    # -- level 2 --

    def create(self, address: str, nonce: int) -> ApiKey:
        """Return new credentials; raises Refusal (400) if they exist and hold."""
        known = self._keys.get(self._id(address, nonce))
        if known is not None and not known.deleted and not self.lapsed(known):
            raise bad_request("Could not create api key")
        made = ApiKey(
            id=self._id(address, nonce),
            address=address,
            nonce=nonce,
            created=self._clock.now_ns(),
            line=self._succeed(address) if self._options.one_key else "",
        )
        self._put(made)
        return made

    def _succeed(self, address: str) -> str:
        """End the other keys of an address; return the one whose orders go on."""
        before = [each for each in self._keys.values() if each.address == address]
        for each in before:
            if not each.deleted:
                self.delete(each)
        return before[0].line or before[0].id if before else ""

    def derive(self, address: str, nonce: int) -> ApiKey:
        """Return credentials that were created before; raises Refusal (400) if they were not."""
        known = self._keys.get(self._id(address, nonce))
        if known is None or known.deleted:
            raise bad_request("Could not derive api key!")
        return known

    def delete(self, key: ApiKey) -> None:
        """Make credentials invalid."""
        self._put(msgspec.structs.replace(key, deleted=True))

    def of(self, address: str) -> list[ApiKey]:
        """Return the keys of an address."""
        return [each for each in self._keys.values() if each.address == address and not each.deleted]

    def revoke(self, address: str) -> int:
        """Make all credentials of an address invalid, as the venue may; return how many there were."""
        held = self.of(address)
        for each in held:
            self.delete(each)
        return len(held)

    def get(self, key_id: str) -> ApiKey | None:
        """Return a key that was not deleted."""
        known = self._keys.get(key_id)
        return None if known is None or known.deleted else known

    def fresh(self, key: ApiKey) -> bool:
        """Tell whether a key is too new to be known everywhere."""
        return self._clock.now_ns() < key.created + int(self._options.key_delay * _SECOND)

    def lapsed(self, key: ApiKey) -> bool:
        """Tell whether a key has outlived its time."""
        life = self._options.key_life
        return life is not None and self._clock.now_ns() >= key.created + int(life * _SECOND)

    def secret(self, key_id: str) -> str:
        """Return the secret of a key of any kind: URL-safe base64 with padding."""
        return base64.urlsafe_b64encode(self._derived("secret", key_id)).decode()

    def passphrase(self, key_id: str) -> str:
        """Return the passphrase of a key of any kind."""
        return self._derived("passphrase", key_id).hex()

    def _put(self, key: ApiKey) -> None:
        self._store.put("key", key.id, key)
        self._keys[key.id] = key

    def _id(self, address: str, nonce: int) -> str:
        return self._uuid("key", f"{address}/{nonce}")

    def _derived(self, kind: str, name: str) -> bytes:
        return hmac.digest(self._root, f"{kind}/{name}".encode(), "sha256")

    def _uuid(self, kind: str, name: str) -> str:
        return str(UUID(bytes=self._derived(kind, name)[:16], version=4))

    # -- builders --

    def create_builder(self, address: str) -> BuilderKey:
        """Return new builder credentials."""
        made = BuilderKey(
            id=self._uuid("builder", f"{address}/{len(self._builders)}"),
            address=address,
            created=self._clock.now_ns(),
        )
        self._put_builder(made)
        return made

    def builders_of(self, address: str) -> list[BuilderKey]:
        """Return the builder keys of an address, the revoked ones too."""
        return [each for each in self._builders.values() if each.address == address]

    def builder(self, key_id: str) -> BuilderKey | None:
        """Return builder credentials that hold."""
        known = self._builders.get(key_id)
        return None if known is None or known.revoked else known

    def revoke_builder(self, key: BuilderKey) -> None:
        """Make builder credentials invalid."""
        self._put_builder(msgspec.structs.replace(key, revoked=self._clock.now_ns()))

    def _put_builder(self, key: BuilderKey) -> None:
        self._store.put("builder_key", key.id, key)
        self._builders[key.id] = key

    # -- read-only --

    def create_readonly(self, key: ApiKey) -> ReadonlyKey:
        """Return a new read-only key."""
        made = ReadonlyKey(
            id=self._uuid("readonly", f"{key.address}/{len(self._readonly)}"),
            address=key.address,
            owner=key.id,
        )
        self._put_readonly(made)
        return made

    def readonly_of(self, address: str) -> list[ReadonlyKey]:
        """Return the read-only keys of an address."""
        return [each for each in self._readonly.values() if each.address == address and not each.deleted]

    def readonly(self, key_id: str) -> ReadonlyKey | None:
        """Return a read-only key that was not deleted."""
        known = self._readonly.get(key_id)
        return None if known is None or known.deleted else known

    def delete_readonly(self, address: str, key_id: str) -> None:
        """Make a read-only key invalid; raises Refusal (404)."""
        for each in self.readonly_of(address):
            if each.id == key_id:
                self._put_readonly(msgspec.structs.replace(each, deleted=True))
                return
        raise Refusal(404, "not found")

    def _put_readonly(self, key: ReadonlyKey) -> None:
        self._store.put("readonly_key", key.id, key)
        self._readonly[key.id] = key
