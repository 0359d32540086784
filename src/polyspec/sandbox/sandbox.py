"""The sandbox as a whole: start it, ask it where its venues are, break it on purpose, stop it."""

from __future__ import annotations

import os
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final, Self

from anyio import to_thread
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from starlette.types import ASGIApp

from polyspec.errors import ConfigError
from polyspec.sandbox.engine import Exchange
from polyspec.sandbox.http.certificates import Certificates, make_certificates
from polyspec.sandbox.http.server import Server
from polyspec.sandbox.us.app import build_app
from polyspec.sandbox.us.dialect import CURRENT, QUICKSTART
from polyspec.sandbox.us.faults import FaultPlan
from polyspec.sandbox.us.issuer import new_key, private_pem
from polyspec.sandbox.us.liquidity import Liquidity
from polyspec.sandbox.us.refusals import gateway
from polyspec.sandbox.us.world import Options, World, open_journal

if TYPE_CHECKING:
    from polyspec.sandbox.clients import AsyncUsExchangeClient, UsExchangeClient

__all__ = ["Sandbox", "UsVenue"]

_LOOPBACK: Final = frozenset({"127.0.0.1", "localhost", "::1"})


@dataclass(frozen=True)
class UsVenue:
    """Where the US exchange is and what to log in with."""

    rest: str
    token_url: str
    audience: str
    client_id: str
    private_key_path: str
    participant_id: str
    account: str
    symbols: list[str]
    secret: str
    """For the control endpoints, in ``x-sandbox-secret``."""
    ca: str | None
    """The authority that signed the server's certificate, with TLS."""
    world: World
    """Everything behind the HTTP layer; hold `world.lock` to touch it while it serves."""


class Sandbox:
    """A venue on this machine.

    ::

        with Sandbox() as sandbox:
            client = sandbox.us_exchange()

    With ``port=False`` nothing is opened: the ASGI application is in `asgi`, time passes with each request.
    With `db` everything is journalled there and survives the process, however it ends.
    """

    def __init__(
        self,
        *,
        seed: int = 0,
        db: str | Path | None = None,
        quiet: bool = False,
        dialect: str = CURRENT,
        tls: bool = False,
        host: str = "127.0.0.1",
        us_port: int = 0,
        port: bool = True,
        private_key: str | Path | None = None,
        rate_limits: bool = True,
        token_life: int = 180,
        entry_delay: float = 0.0,
        clearing_delay: float = 1.0,
        kyc_delay: float = 0.3,
        kyc_balance: str = "1000",
    ) -> None:
        """Describe a sandbox; nothing runs before `start` or a ``with`` block.

        `private_key` is a PEM file to use as the partner's key; without it one is made. The last six say what
        `Options` say of them; delays in seconds, the balance in dollars.
        """
        if dialect not in (CURRENT, QUICKSTART):
            raise ConfigError(f"dialect must be {CURRENT!r} or {QUICKSTART!r}, not {dialect!r}")
        if host not in _LOOPBACK:
            raise ConfigError(f"the sandbox listens on loopback only, not on {host!r}")
        self._options = Options(
            seed=seed,
            dialect=dialect,
            rate_limits=rate_limits,
            token_life=token_life,
            entry_delay=entry_delay,
            clearing_delay=clearing_delay,
            kyc_delay=kyc_delay,
            kyc_balance=kyc_balance,
        )
        self._db = None if db is None else Path(db)
        self._private_key = None if private_key is None else Path(private_key)
        self._quiet, self._tls, self._host, self._us_port, self._port = quiet, tls, host, us_port, port
        self._folder: Path | None = None
        self._server: Server | None = None
        self._us: UsVenue | None = None
        self._asgi: ASGIApp | None = None

    # -- life --

    def start(self) -> Self:
        """Start the venues; returns when they answer."""
        if self._us is not None:
            raise ConfigError("this sandbox runs already")
        self._folder = Path(tempfile.mkdtemp(prefix="polyspec-sandbox-"))
        try:
            self._start(self._folder)
        except BaseException:
            self.close()
            raise
        return self

    def _start(self, folder: Path) -> None:
        certificates = make_certificates(folder, self._host) if self._tls and self._port else None
        key_path = self._key_path(folder)
        world = World(self._options, open_journal(self._db), key=_key(key_path))
        if self._port:
            self._server = Server(self._host, self._us_port, gateway, certificates)
        rest = self._address(certificates)
        world.locate(rest, self._host)
        self._us = _venue(world, rest, key_path, certificates)
        liquidity = Liquidity(world, self._options.seed)
        if self._quiet:
            liquidity.withdraw()
        else:
            liquidity.start()
        self._asgi = build_app(world)
        if self._server is not None:
            self._server.start(self._asgi)

    def _key_path(self, folder: Path) -> Path:
        """Return where the partner's key is; it stays the same over restarts on one journal."""
        if self._private_key is not None:
            return self._private_key
        return folder / "private_key.pem" if self._db is None else Path(f"{self._db}.key")

    def _address(self, certificates: Certificates | None) -> str:
        host = f"[{self._host}]" if ":" in self._host else self._host
        if self._server is None:
            return f"http://{host}"
        return f"{'http' if certificates is None else 'https'}://{host}:{self._server.port}"

    def close(self) -> None:
        """Stop everything; may be called twice."""
        if self._server is not None:
            self._server.stop()
            self._server = None
        if self._us is not None:
            self._us.world.close()
            self._us = None
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)
            self._folder = None

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    async def __aenter__(self) -> Self:
        return await to_thread.run_sync(self.start)

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await to_thread.run_sync(self.close)

    # -- what is inside --

    @property
    def us(self) -> UsVenue:
        """The US exchange; raises ConfigError while the sandbox is not running."""
        if self._us is None:
            raise ConfigError("the sandbox is not running; use it in a with block")
        return self._us

    @property
    def has_port(self) -> bool:
        """Whether the venues listen on sockets."""
        return self._port

    @property
    def asgi(self) -> ASGIApp:
        """The application of the US exchange, to be called in process."""
        if self._asgi is None:
            raise ConfigError("the sandbox is not running; use it in a with block")
        return self._asgi

    @property
    def faults(self) -> FaultPlan:
        """The faults to come."""
        return self.us.world.faults

    @property
    def exchange(self) -> Exchange:
        """The engine, for looking into from tests."""
        return self.us.world.exchange

    def describe(self) -> dict[str, dict[str, Any]]:
        """Return where the venues are and how to log in, as the command prints it."""
        us = self.us
        told: dict[str, Any] = {
            "rest": us.rest,
            "token_url": us.token_url,
            "audience": us.audience,
            "client_id": us.client_id,
            "private_key_path": us.private_key_path,
            "participant_id": us.participant_id,
            "symbols": us.symbols,
        }
        if us.ca is not None:
            told["ca"] = us.ca
        return {"us_exchange": told}

    def us_exchange(self) -> UsExchangeClient:
        """Return a blocking client of the US exchange, logged in as the seeded partner."""
        from polyspec.sandbox import clients

        return clients.us_exchange(self)

    def async_us_exchange(self) -> AsyncUsExchangeClient:
        """Return an asynchronous client of the US exchange, logged in as the seeded partner."""
        from polyspec.sandbox import clients

        return clients.async_us_exchange(self)


def _key(path: Path) -> rsa.RSAPrivateKey:
    """Load the partner's key, or make one that only this user can read."""
    if path.exists():
        key = load_pem_private_key(path.read_bytes(), password=None)
        if not isinstance(key, rsa.RSAPrivateKey):
            raise ConfigError(f"{path} holds no RSA key")
        return key
    key = new_key()
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(private_pem(key))
    return key


def _venue(world: World, rest: str, key_path: Path, certificates: Certificates | None) -> UsVenue:
    return UsVenue(
        rest=rest,
        token_url=f"{rest}/oauth/token",
        audience=world.issuer.audience,
        client_id=world.client.client_id,
        private_key_path=str(key_path.absolute()),
        participant_id=world.trader.name,
        account=world.trader.accounts[0],
        symbols=world.symbols,
        secret=world.secret,
        ca=None if certificates is None else str(certificates.ca),
        world=world,
    )
