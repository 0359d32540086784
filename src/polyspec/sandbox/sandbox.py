"""The sandbox as a whole: start it, ask it where its venues are, break it on purpose, stop it."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterable
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final, Self

from anyio import to_thread
from starlette.types import ASGIApp

from polyspec.errors import ConfigError
from polyspec.sandbox.clob.options import ClobOptions
from polyspec.sandbox.clob.refusals import gateway as clob_manner
from polyspec.sandbox.clob.venue import ClobVenue
from polyspec.sandbox.clob.venue import open_venue as open_clob
from polyspec.sandbox.clob_feed import ClobFeed
from polyspec.sandbox.engine import Exchange
from polyspec.sandbox.http.certificates import Certificates, make_certificates
from polyspec.sandbox.http.server import Server
from polyspec.sandbox.http.venue import Manner
from polyspec.sandbox.polysimulator.options import PolySimOptions
from polyspec.sandbox.polysimulator.refusals import gateway as polysimulator_manner
from polyspec.sandbox.polysimulator.venue import PolySimVenue
from polyspec.sandbox.polysimulator.venue import open_venue as open_polysimulator
from polyspec.sandbox.us.dialect import CURRENT, QUICKSTART
from polyspec.sandbox.us.faults import FaultPlan
from polyspec.sandbox.us.refusals import gateway as us_manner
from polyspec.sandbox.us.venue import UsVenue
from polyspec.sandbox.us.venue import open_venue as open_us
from polyspec.sandbox.us.world import Options

if TYPE_CHECKING:
    from polyspec.sandbox.clients import (
        AsyncClobClient,
        AsyncPolySimulatorClient,
        AsyncUsExchangeClient,
        ClobClient,
        PolySimulatorClient,
        UsExchangeClient,
    )
    from polyspec.sandbox.us.grpc.server import GrpcServer

__all__ = ["VENUES", "Sandbox", "UsVenue"]

VENUES: Final = ("us", "clob", "polysimulator")

_LOOPBACK: Final = frozenset({"127.0.0.1", "localhost", "::1"})


class Sandbox:
    """Venues on this machine.

    ::

        with Sandbox() as sandbox:
            us, clob, sim = sandbox.us_exchange(), sandbox.clob(), sandbox.polysimulator()

    With ``port=False`` nothing is opened: the ASGI applications are `asgi`, `clob_venue.asgi` and
    `polysimulator_venue.asgi`, time passes with each request. With `db` everything is journalled there and
    survives the process, however it ends.
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
        us_grpc_port: int = 0,
        port: bool = True,
        private_key: str | Path | None = None,
        venues: Iterable[str] = VENUES,
        clob: ClobOptions | None = None,
        clob_port: int = 0,
        polysimulator: PolySimOptions | None = None,
        polysimulator_port: int = 0,
        rate_limits: bool = True,
        token_life: int = 180,
        entry_delay: float = 0.0,
        clearing_delay: float = 1.0,
        kyc_delay: float = 0.3,
        kyc_balance: str = "1000",
        heartbeat: float = 5.0,
    ) -> None:
        """Describe a sandbox; nothing runs before `start` or a ``with`` block.

        `private_key` is a PEM file to use as the partner's key; without it one is made. `venues` names those
        to serve, all by default; `clob` and `polysimulator` say how these behave. The last seven say what
        `Options` say of them, of the US exchange; times in seconds, the balance in dollars. The US exchange
        is served over gRPC as well if grpcio is installed.
        """
        self._venues = frozenset(venues)
        if not self._venues or not self._venues <= set(VENUES):
            raise ConfigError(f"venues must be some of {', '.join(VENUES)}, not {sorted(self._venues)}")
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
            heartbeat=heartbeat,
        )
        self._db = None if db is None else Path(db)
        self._private_key = None if private_key is None else Path(private_key)
        self._clob_options = (clob or ClobOptions()).filled(seed=seed, rate_limits=rate_limits)
        self._quiet, self._tls, self._host, self._port = quiet, tls, host, port
        self._polysimulator_options = (polysimulator or PolySimOptions()).filled(
            seed=seed, rate_limits=rate_limits
        )
        self._us_grpc_port = us_grpc_port
        self._grpc: GrpcServer | None = None
        self._us_port, self._clob_port, self._polysimulator_port = us_port, clob_port, polysimulator_port
        self._folder: Path | None = None
        self._certificates: Certificates | None = None
        self._servers: list[Server] = []
        self._us: UsVenue | None = None
        self._clob: ClobVenue | None = None
        self._polysimulator: PolySimVenue | None = None

    # -- life --

    def start(self) -> Self:
        """Start the venues; returns when they answer."""
        if self._folder is not None:
            raise ConfigError("this sandbox runs already")
        self._folder = Path(tempfile.mkdtemp(prefix="polyspec-sandbox-"))
        try:
            self._start(self._folder)
        except BaseException:
            self.close()
            raise
        return self

    def _start(self, folder: Path) -> None:
        if self._tls and self._port:
            self._certificates = make_certificates(folder, self._host)
        if "us" in self._venues:
            self._start_us(folder)
        # in process a venue costs nothing until it is asked for
        if "clob" in self._venues and self._port:
            self._start_clob()
        if "polysimulator" in self._venues and self._port:
            self._start_polysimulator()

    def _start_us(self, folder: Path) -> None:
        server, rest = self._open_port(self._us_port, us_manner)
        venue = self._us = open_us(
            self._options,
            self._db,
            key_path=self._key_path(folder),
            host=self._host,
            rest=rest,
            ca=self._ca,
            quiet=self._quiet,
        )
        if server is not None:
            server.start(venue.asgi)
            self._start_grpc(venue)

    def _start_grpc(self, venue: UsVenue) -> None:
        """Serve the US exchange over gRPC, where grpcio is installed."""
        if find_spec("grpc") is None or find_spec("google.protobuf") is None:
            if self._us_grpc_port:
                raise ConfigError("serving gRPC needs grpcio; install it with: pip install 'polyspec[grpc]'")
            return
        from polyspec.sandbox.us.grpc.server import GrpcServer

        self._grpc = GrpcServer(venue.world, self._authority, self._us_grpc_port, self._certificates)
        self._grpc.start()
        self._us = replace(venue, grpc=self._grpc.address)

    @property
    def _authority(self) -> str:
        """The host as it is written before a port."""
        return f"[{self._host}]" if ":" in self._host else self._host

    def _start_clob(self) -> ClobVenue:
        server, rest = self._open_port(self._clob_port, clob_manner, websockets=True)
        venue = self._clob = self._open_clob(rest)
        if server is not None:
            server.start(venue.asgi)
        return venue

    def _open_clob(self, rest: str) -> ClobVenue:
        journal = None if self._db is None else Path(f"{self._db}.clob")
        return open_clob(
            self._clob_options, journal, host=self._host, rest=rest, ca=self._ca, quiet=self._quiet
        )

    def _start_polysimulator(self) -> PolySimVenue:
        """Start the venue that mirrors the CLOB's markets, over a CLOB that need not be served itself."""
        if self._clob is None:
            self._clob = self._start_clob() if "clob" in self._venues else self._open_clob("")
        server, rest = self._open_port(self._polysimulator_port, polysimulator_manner, websockets=True)
        venue = self._polysimulator = open_polysimulator(
            self._polysimulator_options,
            None if self._db is None else Path(f"{self._db}.polysimulator"),
            ClobFeed(self._clob.world),
            host=self._host,
            rest=rest,
            ca=self._ca,
            clock=self._clob.world.clock,
        )
        if server is not None:
            server.start(venue.asgi)
        return venue

    def _open_port(self, port: int, manner: Manner, *, websockets: bool = False) -> tuple[Server | None, str]:
        """Return a server that does not serve yet, and its address."""
        host = self._authority
        if not self._port:
            return None, f"http://{host}"
        server = Server(self._host, port, manner, self._certificates, websockets=websockets)
        self._servers.append(server)
        return server, f"{'http' if self._certificates is None else 'https'}://{host}:{server.port}"

    @property
    def _ca(self) -> str | None:
        return None if self._certificates is None else str(self._certificates.ca)

    def _key_path(self, folder: Path) -> Path:
        """Return where the partner's key is; it stays the same over restarts on one journal."""
        if self._private_key is not None:
            return self._private_key
        return folder / "private_key.pem" if self._db is None else Path(f"{self._db}.key")

    def close(self) -> None:
        """Stop everything; may be called twice."""
        if self._grpc is not None:
            self._grpc.stop()
            self._grpc = None
        if self._polysimulator is not None:
            # a server waits for the streams it serves
            self._polysimulator.world.hub.shut()
        for server in self._servers:
            server.stop()
        self._servers.clear()
        if self._us is not None:
            self._us.world.close()
            self._us = None
        if self._polysimulator is not None:
            self._polysimulator.world.close()
            self._polysimulator = None
        if self._clob is not None:
            self._clob.world.close()
            self._clob = None
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
        """The US exchange; raises ConfigError while it is not served."""
        if self._us is None:
            raise self._absent("us")
        return self._us

    @property
    def clob_venue(self) -> ClobVenue:
        """The CLOB; raises ConfigError while it is not served."""
        if self._folder is None or "clob" not in self._venues:
            raise self._absent("clob")
        return self._clob or self._start_clob()

    @property
    def polysimulator_venue(self) -> PolySimVenue:
        """PolySimulator; raises ConfigError while it is not served."""
        if self._folder is None or "polysimulator" not in self._venues:
            raise self._absent("polysimulator")
        return self._polysimulator or self._start_polysimulator()

    def _absent(self, venue: str) -> ConfigError:
        if self._folder is None:
            return ConfigError("the sandbox is not running; use it in a with block")
        return ConfigError(f"this sandbox does not serve {venue!r}; its venues are {sorted(self._venues)}")

    @property
    def has_port(self) -> bool:
        """Whether the venues listen on sockets."""
        return self._port

    @property
    def asgi(self) -> ASGIApp:
        """The application of the US exchange, to be called in process."""
        return self.us.asgi

    @property
    def faults(self) -> FaultPlan:
        """The faults to come on the US exchange; those of the CLOB are in `clob_venue.faults`."""
        return self.us.world.faults

    @property
    def exchange(self) -> Exchange:
        """The engine of the US exchange, for looking into from tests."""
        return self.us.world.exchange

    def describe(self) -> dict[str, dict[str, Any]]:
        """Return where the venues are and how to log in, as the command prints it."""
        told = {}
        if "us" in self._venues:
            told["us_exchange"] = self.us.describe()
        if "clob" in self._venues:
            told["clob"] = self.clob_venue.describe()
        if "polysimulator" in self._venues:
            told["polysimulator"] = self.polysimulator_venue.describe()
        return told

    def secrets(self) -> dict[str, str]:
        """Return what opens the control endpoints, by venue."""
        told = {}
        if "us" in self._venues:
            told["us_exchange"] = self.us.secret
        if "clob" in self._venues:
            told["clob"] = self.clob_venue.secret
        if "polysimulator" in self._venues:
            told["polysimulator"] = self.polysimulator_venue.secret
        return told

    def us_exchange(self, transport: str = "rest") -> UsExchangeClient:
        """Return a blocking client of the US exchange, logged in as the seeded partner.

        With ``"grpc"`` it makes its calls over gRPC.
        """
        from polyspec.sandbox import clients

        return clients.us_exchange(self, transport)

    def async_us_exchange(self, transport: str = "rest") -> AsyncUsExchangeClient:
        """Return an asynchronous client of the US exchange, as `us_exchange` does."""
        from polyspec.sandbox import clients

        return clients.async_us_exchange(self, transport)

    def clob(self, account: int = 0) -> ClobClient:
        """Return a blocking client of the CLOB that trades with one of the funded keys."""
        from polyspec.sandbox import clients

        return clients.clob(self, account)

    def async_clob(self, account: int = 0) -> AsyncClobClient:
        """Return an asynchronous client of the CLOB that trades with one of the funded keys."""
        from polyspec.sandbox import clients

        return clients.async_clob(self, account)

    def polysimulator(self) -> PolySimulatorClient:
        """Return a blocking client of PolySimulator that trades with the seeded key."""
        from polyspec.sandbox import clients

        return clients.polysimulator(self)

    def async_polysimulator(self) -> AsyncPolySimulatorClient:
        """Return an asynchronous client of PolySimulator that trades with the seeded key."""
        from polyspec.sandbox import clients

        return clients.async_polysimulator(self)
