"""The wallets of users of the CLOB, as the vault has them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from attrs import frozen

from polyspec.clob.addresses import parse_address
from polyspec.clob.signers import LocalSigner
from polyspec.core.secret import Secret
from polyspec.managed.directory import Directory
from polyspec.managed.issuing import unusable
from polyspec.vault.ids import CredentialId, CredentialKind, EnvironmentTag
from polyspec.vault.values import Stored

__all__ = ["ClobWallet"]

_KEY = "private_key"


class _VaultSigner:
    """Signs with a key that is taken out of the vault for each signature, and kept nowhere."""

    def __init__(
        self,
        read: Callable[[CredentialId], Stored],
        id: CredentialId,  # noqa: A002 - what it is called everywhere
        address: str,
    ) -> None:
        self._read = read
        self._id = id
        self.address = address

    def sign_hash(self, digest: bytes, /) -> bytes:
        """Sign a digest."""
        return LocalSigner.from_key(_key_of(self._read(self._id))).sign_hash(digest)


def _key_of(stored: Stored) -> Secret:
    found = stored.secrets.get(_KEY)
    if found is None:
        raise unusable(str(stored.id), [_KEY])
    return found


@frozen
class ClobWallet:
    """One wallet: what signs for it, and where its API key is filed."""

    address: str
    key: Any
    """A Secret, or something that signs; None if only the API key is at hand."""
    signature_type: int | None
    funder: str | None
    api: CredentialId
    environment: EnvironmentTag

    @classmethod
    def find(
        cls,
        directory: Directory,
        user: str,
        wallet: str | None,
        read: Callable[[CredentialId], Stored],
        *,
        hold_key: bool,
    ) -> ClobWallet:
        """Read a user's wallet from the vault; raises ConfigError. `read` refuses hosts that are not its own.

        The public values ``signature_type`` and ``funder`` of its record say how it trades.
        """
        entry = directory.find(user, wallet, CredentialKind.CLOB_WALLET, CredentialKind.CLOB_API)
        # before anything is signed: a signature for another installation is worth something there
        stored = read(entry.id)
        address = parse_address(entry.id.wallet, "the wallet of the record")
        key, public = None, stored.public
        if entry.id.kind is CredentialKind.CLOB_WALLET:
            key = _key_of(stored) if hold_key else _VaultSigner(read, entry.id, address)
        kind = public.get("signature_type", "")
        api = CredentialId(directory.tenant, user, directory.venue, address, CredentialKind.CLOB_API)
        return cls(
            address=address,
            key=key,
            signature_type=int(kind) if kind.isdigit() else None,
            funder=public.get("funder") or None,
            api=api,
            environment=stored.environment,
        )
