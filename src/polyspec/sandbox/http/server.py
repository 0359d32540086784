"""An ASGI application on a port of its own, served by uvicorn in a thread."""

from __future__ import annotations

import asyncio
import logging
import socket
import threading
import time
from typing import Any, Final, Literal

import uvicorn
from starlette.types import ASGIApp
from uvicorn.middleware.message_logger import MessageLoggerMiddleware

from polyspec.errors import ConfigError, PolyspecError
from polyspec.sandbox.http.certificates import Certificates
from polyspec.sandbox.http.transport import protocol_of
from polyspec.sandbox.http.venue import Manner

__all__ = ["Server"]

_PATIENCE: Final = 10.0


# below warnings servers log addresses, which may have a token in them, logins and messages; a logger that is
# not registered keeps its level whatever the program sets
_QUIET: Final = logging.Logger("uvicorn.error", logging.WARNING)  # noqa: LOG001
_QUIET.parent = logging.getLogger("uvicorn.error")


class _Config(uvicorn.Config):
    """Logs no messages of ASGI, whatever the level."""

    def load(self) -> None:
        super().load()
        around: Any = self
        name = "loaded_app"
        while (app := getattr(around, name, None)) is not None:
            if isinstance(app, MessageLoggerMiddleware):
                setattr(around, name, app.app)
                return
            around, name = app, "app"


def _hushed() -> type[asyncio.Protocol]:
    """Return the protocol of websockets, which logs warnings and errors only."""
    from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

    class Hushed(WebSocketsSansIOProtocol):
        def __init__(self, *given: Any, **named: Any) -> None:
            super().__init__(*given, **named)
            self.logger = self.conn.logger = _QUIET
            self.conn.debug = _QUIET.isEnabledFor(logging.DEBUG)

    return Hushed


class Server:
    """Serves from `start` to `stop`; the port is known from construction on."""

    def __init__(
        self,
        host: str,
        port: int,
        manner: Manner,
        certificates: Certificates | None = None,
        *,
        websockets: bool = False,
    ) -> None:
        """Take a port (0: a free one); raises OSError if it is not to be had, ConfigError if it is none."""
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        # with the protocol named, asyncio turns off Nagle's delay, which costs 40 ms an answer
        self._socket = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            self._socket.bind((host, port))
        except OSError:
            self._socket.close()
            raise
        except OverflowError:
            self._socket.close()
            raise ConfigError(f"a port is a number from 0 to 65535, not {port}") from None
        self.port: int = self._socket.getsockname()[1]
        self._manner = manner
        self._certificates = certificates
        # what a venue without websockets never needs is not imported for it
        self._websockets: type[asyncio.Protocol] | Literal["none"] = _hushed() if websockets else "none"
        self._server: uvicorn.Server | None = None
        self._thread: threading.Thread | None = None

    def start(self, app: ASGIApp) -> None:
        """Serve `app` from a thread; returns once requests are answered."""
        tls = self._certificates
        config = _Config(
            app,
            http=protocol_of(self._manner),
            loop="asyncio",
            ws=self._websockets,
            lifespan="on",
            log_config=None,
            access_log=False,
            server_header=False,
            date_header=False,
            timeout_keep_alive=75,
            timeout_graceful_shutdown=1,
            ssl_certfile=None if tls is None else str(tls.certificate),
            ssl_keyfile=None if tls is None else str(tls.key),
        )
        server = self._server = uvicorn.Server(config)
        self._thread = threading.Thread(
            target=server.run,
            kwargs={"sockets": [self._socket]},
            name=f"sandbox:{self.port}",
            daemon=True,
        )
        self._thread.start()
        deadline = time.monotonic() + _PATIENCE
        while not server.started:
            if not self._thread.is_alive() or time.monotonic() > deadline:
                raise PolyspecError("the sandbox server did not start")
            time.sleep(0.005)

    def stop(self) -> None:
        """Stop serving and wait for the thread."""
        if self._server is not None and self._thread is not None:
            self._server.should_exit = True
            self._thread.join(_PATIENCE)
        self._socket.close()
