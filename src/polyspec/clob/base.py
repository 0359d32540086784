# Mirrored from base_async.py by `python -m generator.mirror`; do not edit.
"""What all parts of the CLOB client stand on: who it is, and how it sends."""

from __future__ import annotations

import os
from collections.abc import Mapping
from secrets import SystemRandom
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self, TypeVar

from attrs import evolve

from polyspec.clob.addresses import parse_address
from polyspec.clob.config import HOST, ClobSettings, ClobSurroundings, checked_host, documented
from polyspec.clob.contracts import check_chain
from polyspec.clob.credentials import ApiCreds, BuilderCreds
from polyspec.clob.keyring import Keyring
from polyspec.clob.making import Making
from polyspec.clob.market import TokenMarkets
from polyspec.clob.session import ClobAuthority, open_session
from polyspec.clob.signers import Signer, as_signer, hidden_key
from polyspec.clob.ticket import read_bytes32
from polyspec.clob.wallets import Account, choose_wallet
from polyspec.core.effects import Flow
from polyspec.core.secret import Secret
from polyspec.core.sending import Session
from polyspec.errors import ConfigError
from polyspec.io.calls import Calls
from polyspec.io.http import Http

if TYPE_CHECKING:
    import httpx

__all__ = ["Base"]

T = TypeVar("T")


class Base(Calls):
    """Sends calls to the CLOB in the name of one wallet."""

    # for the repr of a client that could not be made
    host: str = ""
    """Where requests go."""
    address: str | None = None
    """The address requests are made in the name of; None if nobody's."""

    def __init__(
        self,
        host: str = HOST,
        chain_id: int = 137,
        key: str | bytes | Secret | Signer | None = None,
        creds: ApiCreds | None = None,
        signature_type: int | None = None,
        funder: str | None = None,
        *,
        address: str | None = None,
        session_key: bool = False,
        nonce: int = 0,
        builder: BuilderCreds | None = None,
        builder_code: str | None = None,
        settings: ClobSettings | None = None,
        http: httpx.Client | None = None,
    ) -> None:
        """Prepare a client; nothing is sent before the first call.

        `key` is a private key, an account of eth-account, or anything with ``address`` and
        ``sign_hash(digest)``; without one only what needs no signature works. `creds` are API credentials;
        without them those of `nonce` are derived when first needed. `signature_type` and `funder` say which
        wallet trades: leave both out to trade from the key's own address. A `funder` that cannot belong to
        the key is refused unless `session_key` is True. `address` names the wallet of credentials that come
        without a key (enough to read and to cancel). `builder_code` goes into every order; `http` replaces
        the connections.
        """
        # the name is taken off the key first, or an error would carry it in its traceback
        hidden, key = hidden_key(key), None
        # what is given in place of credentials may hold secrets in the open, for any traceback to show
        if creds is not None and not isinstance(creds, ApiCreds):
            del creds, builder
            raise ConfigError("creds must be ApiCreds(api_key, api_secret, api_passphrase)")
        if builder is not None and not isinstance(builder, BuilderCreds):
            del builder
            raise ConfigError("builder must be BuilderCreds(key, secret, passphrase)")
        self.host = checked_host(host)
        self.chain_id = check_chain(chain_id)
        self.settings = settings or ClobSettings()
        self._signer = as_signer(hidden)
        self.account: Account | None = None
        """The wallet that trades; None without a key."""
        if self._signer is not None:
            self.account = choose_wallet(
                self._signer.address, self.chain_id, signature_type, funder, session_key=session_key
            )
        elif funder is not None or signature_type is not None:
            raise ConfigError("signature_type and funder say how a key trades: give the key too")
        self.address = self._own_address(address)
        self._keyring = Keyring(creds, nonce)
        self._markets = TokenMarkets(self.settings.market_ttl)
        self._builder = builder
        self._making: Making | None = None
        if self._signer is not None and self.account is not None:
            self._making = Making(
                signer=self._signer,
                account=self.account,
                chain_id=self.chain_id,
                strict_market_amounts=self.settings.strict_market_amounts,
                builder_code=read_bytes32(builder_code, "builder_code"),
            )
        self.beating: set[Any] = set()
        """The heartbeats that run."""
        self._http = Http(self.settings.http, http)
        self.session: Session = self._open(self._keyring)

    def trade_from(
        self, signature_type: int, funder: str | None = None, *, session_key: bool = False
    ) -> Account:
        """Trade from another wallet of the same key from the next order on; says which that is.

        `detect_wallet` tells which ones hold something.
        """
        making = self._maker()
        chosen = choose_wallet(
            making.signer.address, self.chain_id, signature_type, funder, session_key=session_key
        )
        # one assignment each: a thread that is making an order finishes it for the wallet it began with
        self._making = evolve(making, account=chosen, signers={})
        self.account = chosen
        return chosen

    def _own_address(self, address: str | None) -> str | None:
        if address is None:
            return None if self._signer is None else self._signer.address
        given = parse_address(address, "address")
        if self._signer is not None and given != self._signer.address:
            raise ConfigError(f"the key is that of {self._signer.address}, not of {given}")
        return given

    def _open(self, keyring: Keyring) -> Session:
        return open_session(
            self.host,
            self.settings,
            SystemRandom().random,
            signer=self._signer,
            address=self.address,
            chain_id=self.chain_id,
            keyring=keyring,
            builder=self._builder,
        )

    @classmethod
    def from_env(cls, variables: Mapping[str, str] = os.environ, *, http: httpx.Client | None = None) -> Self:
        """Make a client from ``POLYSPEC_CLOB_*`` or ``POLYSPEC_SANDBOX``; ConfigError says what is wrong."""
        variables = documented(variables)
        found = ClobSurroundings.read(variables)
        return cls(
            found.host,
            found.chain_id,
            found.private_key,
            found.creds,
            found.signature_type,
            found.funder,
            settings=found.settings,
            http=http,
        )

    @property
    def creds(self) -> ApiCreds | None:
        """The API credentials in use; None before they were needed."""
        return self._keyring.held

    def set_api_creds(self, creds: ApiCreds) -> None:
        """Use other API credentials from the next request on."""
        if not isinstance(creds, ApiCreds):
            del creds
            raise ConfigError("creds must be ApiCreds(api_key, api_secret, api_passphrase)")
        self._keyring.held = creds

    def _credentials(self, deadline: float) -> Flow[ApiCreds]:
        """Return the API credentials, obtaining them before the monotonic second `deadline` if need be."""
        authority = self.session.authority
        assert isinstance(authority, ClobAuthority)
        return authority.creds(deadline)

    def _maker(self) -> Making:
        if self._making is None:
            raise ConfigError("orders are signed with a wallet key: give key when the client is made")
        return self._making

    def _needed_address(self) -> str:
        if self.address is None:
            raise ConfigError("this needs a wallet: give key (or address) when the client is made")
        return self.address

    def __repr__(self) -> str:
        return f"<{type(self).__name__} of {self.address or 'nobody'} at {self.host}>"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close every connection this client opened."""
        self._http.close()
