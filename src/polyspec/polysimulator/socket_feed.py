"""What the four websockets have in common: a token of its own for each connection, and how it may end."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any, Final
from urllib.parse import quote

import msgspec
from polyspec_wire.polysimulator import keys

from polyspec.core.effects import Flow
from polyspec.core.nesting import check_depth
from polyspec.core.sending import Session
from polyspec.core.streams.events import Message, Raw
from polyspec.core.streams.feed import Text
from polyspec.core.streams.machine import Action, Emit, Machine
from polyspec.core.typed import decoder
from polyspec.errors import AuthError, Forbidden, PolyspecError, StreamError
from polyspec.polysimulator.session import PolySimulatorAuthority

__all__ = ["LOOK", "UNREADABLE", "SocketFeed", "as_bytes", "final", "tell"]

LOOK: Final = 5.0
"""Seconds for each request of a look."""
UNREADABLE: Final = (msgspec.DecodeError, ValueError, RecursionError)
_PLAIN: Final = decoder(dict[str, Any], float_hook=Decimal)
_BAD_TOKEN: Final = 4001
_TOO_MANY: Final = 4002
_BARRED: Final = (401, 403)
"""Statuses of connections that were not opened."""
_POLICY: Final = 1008
_CROWDED: Final = 2
"""Connections in a row that may be refused as one too many, once one was good: it may still be counted."""


class SocketFeed:
    """A channel on a websocket. Not thread-safe: the shell calls one method at a time."""

    channel: str
    """The last part of its address."""
    strict = False
    """Whether a connection that is closed for its credentials (1008) is of no use a second time."""
    machine: Machine

    def __init__(self, session: Callable[[], Session]) -> None:
        """Prepare a feed; `session` is asked anew each time, for its key may be replaced by another."""
        self._session = session
        self._connection = 0
        """Counts connections, so that looks of an earlier one are known."""
        self._welcome = False
        """Whether the venue took the credentials of this connection."""
        self._doubted = False
        """Whether it did not take those of the last."""
        self._crowded = 0
        """Connections in a row that were one too many."""
        self._too_many = False
        """Whether the venue said so of this one."""
        self._was_good = False
        """Whether any connection was."""

    # -- connecting --

    def prepare(self) -> Flow[str]:
        """Mint a token, and return the address it is part of."""
        return (yield from self._address(named=True))

    def _address(self, *, named: bool) -> Flow[str]:
        session = self._session()
        place = f"ws{session.base_url.removeprefix('http')}/v1/ws/{self.channel}"
        if not named:
            return place
        try:
            made = (yield from session.send(keys.create_ws_token(), LOOK)).value
        except Forbidden as error:
            raise final(error) from error
        return f"{place}?token={quote(made.token, safe='')}"

    @property
    def _has_credentials(self) -> bool:
        authority = self._session().authority
        assert isinstance(authority, PolySimulatorAuthority)
        return authority.credentials.api_key is not None or authority.credentials.has_token

    # -- its end --

    def lost(self, reason: str) -> None:
        """Note that nothing known of this connection holds for the next, nor what is being looked up."""
        del reason
        self._connection += 1
        self._welcome = self._too_many = False

    def ended(self, now: float, reason: str, code: int | None) -> list[Action]:
        """Note that the connection is gone; some codes say that another is of no use."""
        too_many, welcome = self._too_many, self._welcome
        self.lost(reason)
        if code == _TOO_MANY or too_many:
            return self._full(now, reason)
        bad_token = code == _BAD_TOKEN or code in _BARRED
        if bad_token or (code == _POLICY and self.strict):
            return self._turned_away(now, reason, again=welcome or bad_token)
        return self.machine.ended(now, reason)

    def _full(self, now: float, reason: str) -> list[Action]:
        """Stop where the plan allows no more connections, unless the last of our own may still be counted."""
        self._crowded += 1
        if self._crowded <= (_CROWDED if self._was_good else 0):
            return self.machine.ended(now, reason)
        return self.machine.refused(
            now,
            StreamError(
                "the plan of the key allows no more connections at once, over all channels: close another "
                f"stream, or one of another program with this account ({reason})"
            ),
        )

    def _turned_away(self, now: float, reason: str, *, again: bool) -> list[Action]:
        """Try once more with a fresh token, if that may help."""
        if self._doubted or not again:
            return self.machine.refused(now, AuthError(f"the stream was refused: {reason}"))
        self._doubted = True
        return self.machine.ended(now, reason)

    def _welcomed(self) -> None:
        """Note that the venue took the credentials."""
        self._welcome = self._was_good = True
        self._doubted, self._crowded = False, 0

    def overflowed(self, now: float) -> list[Action]:
        """Look everything up for a reader who missed some of it."""
        return self.machine.missed(self.machine.wanted, "events were not read as fast as they came", now)

    # -- messages --

    def _unread(self, text: bytes, why: str, now: float) -> tuple[list[Action], dict[str, Any] | None]:
        """Tell what cannot be read as it came, and return it as plain JSON if it is that."""
        try:
            check_depth(text)
            plain = _PLAIN.decode(text)
        except UNREADABLE:
            return [Emit(Raw(now, text, "not a JSON object"))], None
        return [Emit(Raw(now, plain, why))], plain


def tell(now: float, key: str, native: Any) -> Action:
    """Tell what the venue said."""
    return Emit(Message(now, key, native))


def as_bytes(text: Text) -> bytes:
    """Return a message as bytes."""
    return text.encode() if isinstance(text, str) else bytes(text)


def final(error: PolyspecError) -> AuthError:
    """Return the error of credentials that do not hold any more."""
    if isinstance(error, AuthError):
        return error
    told = AuthError(f"the credentials do not hold for this stream: {error}")
    told.__cause__ = error
    return told
