# Mirrored from keys_async.py by `python -m generator.mirror`; do not edit.
"""API keys: for trading, for reading only, and for builders."""

from __future__ import annotations

from polyspec_wire.clob import auth
from polyspec_wire.clob import models as wire

from polyspec.clob.base import Base
from polyspec.clob.credentials import ApiCreds, BuilderCreds
from polyspec.clob.keyring import Keyring, create, create_or_derive, derive
from polyspec.core.sending import Session
from polyspec.errors import ConfigError

__all__ = ["Keys"]


class Keys(Base):
    """Credentials of the wallet this client acts for."""

    def create_api_key(self, nonce: int = 0, *, timeout: float | None = None) -> ApiCreds:
        """Create the credentials of a nonce and wait until they work; raises BadRequest if they exist.

        The venue may delay fresh credentials; `ClobSettings.activation` bounds the wait. The client uses them
        from then on unless it has others.
        """
        self._needs_key()
        flow = create(self.session, nonce, timeout, self._trial, self.settings.activation)
        return self._keep(self.run(flow))

    def derive_api_key(self, nonce: int = 0, *, timeout: float | None = None) -> ApiCreds:
        """Return the credentials that exist for a nonce; raises BadRequest if there are none."""
        self._needs_key()
        return self._keep(self.run(derive(self.session, nonce, timeout)))

    def create_or_derive_api_key(self, nonce: int = 0, *, timeout: float | None = None) -> ApiCreds:
        """Return the credentials of a nonce, creating them only if there is nothing to derive."""
        self._needs_key()
        flow = create_or_derive(self.session, nonce, timeout, self._trial, self.settings.activation)
        return self._keep(self.run(flow))

    def get_api_keys(self, *, timeout: float | None = None) -> list[str]:
        """Return the ids of the wallet's API keys."""
        return list(self.send(auth.get_api_keys(), timeout=timeout).api_keys)

    def delete_api_key(self, *, timeout: float | None = None) -> None:
        """Delete the API key in use; the client derives or creates another when it next needs one."""
        used = self._keyring.held
        self.send(auth.delete_api_key(), timeout=timeout)
        if self._keyring.held is used:
            self._keyring.held = None

    def get_closed_only_mode(self, *, timeout: float | None = None) -> bool:
        """Tell whether this account may only close positions."""
        return bool(self.send(auth.get_closed_only_mode(), timeout=timeout).closed_only)

    def create_readonly_api_key(self, *, timeout: float | None = None) -> wire.ReadonlyApiKeyResponse:
        """Create a key that can read but not trade."""
        return self.send(auth.create_readonly_api_key(), timeout=timeout)

    def get_readonly_api_keys(self, *, timeout: float | None = None) -> list[str]:
        """Return the ids of the wallet's read-only keys."""
        return self.send(auth.get_readonly_api_keys(), timeout=timeout)

    def delete_readonly_api_key(self, key: str, *, timeout: float | None = None) -> None:
        """Delete a read-only key."""
        self.send(auth.delete_readonly_api_key(wire.ReadonlyApiKeyDeletion(key=key)), timeout=timeout)

    def create_builder_api_key(self, *, timeout: float | None = None) -> BuilderCreds:
        """Create credentials for acting as a builder."""
        made = self.send(auth.create_builder_api_key(), timeout=timeout)
        return BuilderCreds(str(made.key), made.secret, made.passphrase)

    def get_builder_api_keys(self, *, timeout: float | None = None) -> list[str]:
        """Return the ids of the wallet's builder keys."""
        found = self.send(auth.get_builder_api_keys(), timeout=timeout)
        return [each if isinstance(each, str) else each.key for each in found]

    def revoke_builder_api_key(self, *, timeout: float | None = None) -> None:
        """Revoke the builder key this client was made with."""
        self.send(auth.revoke_builder_api_key(), timeout=timeout)

    def _needs_key(self) -> None:
        if self._signer is None:
            raise ConfigError("API keys are signed for with a wallet key: give key when the client is made")

    def _trial(self, creds: ApiCreds) -> Session:
        return self._open(Keyring(creds))

    def _keep(self, creds: ApiCreds) -> ApiCreds:
        if self._keyring.held is None:
            self._keyring.held = creds
        return creds
