"""Open a stream of the US exchange with a token of its own, and know what it means when it ends."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final, Protocol

from polyspec.core.effects import Flow, Instant, Now
from polyspec.core.streams.events import StreamState
from polyspec.core.streams.feed import Feed
from polyspec.core.streams.machine import Action
from polyspec.errors import AuthError, BadRequest, NotFound, PolyspecError, StreamError
from polyspec.io.grpc_stream_base import GrpcDial

if TYPE_CHECKING:
    from polyspec.core.secret import Secret
    from polyspec.io.grpc_base import Metadata
    from polyspec.us.protos import Rpc
    from polyspec.us.token_flow import TokenSource

__all__ = ["Admitted", "GrpcFeed"]

_PATIENCE: Final = 15.0
"""Seconds a token may take."""
_SHARE: Final = 0.9
"""Of the time until a connection stands, for its token."""
_DOOR: Final = 10.0
"""Seconds after which a call was let in, even if nothing was told on it: refusals come sooner."""
_INVALID_ARGUMENT, _NOT_FOUND, _FORBIDDEN = 3, 5, 7
_PRECONDITION, _OUT_OF_RANGE, _UNIMPLEMENTED = 9, 11, 12
_UNAUTHENTICATED: Final = 16


def _streaming_error(said: str) -> PolyspecError:
    return StreamError(said)


_FINAL: Final[dict[int, Callable[[str], PolyspecError]]] = {
    _INVALID_ARGUMENT: lambda said: BadRequest(said, status=400),
    _NOT_FOUND: lambda said: NotFound(said, status=404),
    _FORBIDDEN: AuthError,
    _PRECONDITION: _streaming_error,
    _OUT_OF_RANGE: _streaming_error,
    _UNIMPLEMENTED: _streaming_error,
}
"""What the same request would meet again."""


class GrpcFeed(Feed, Protocol):
    """A channel that says what it asks for, and not on whose behalf."""

    mends: frozenset[int]
    """Statuses that are final elsewhere, and not here: `ended` knows what to do."""

    def prepare(self) -> Flow[Any]:
        """Return the request, or None if requests are written to the stream."""
        ...


class Admitted:
    """A feed, and the credentials with which its calls are made: fresh for every connection.

    A token that runs out ends no stream by itself: streams go on with the one they began with for as long as
    the venue lets them, and come back with a new one when it does not.
    """

    def __init__(
        self, feed: GrpcFeed, rpc: Rpc, tokens: Callable[[], TokenSource], participant_id: str | None
    ) -> None:
        self.machine = feed.machine
        # as they are: between a message and its reader nothing else is to be called
        self.heard = feed.heard
        self.lost = feed.lost
        self.look = feed.look
        self.looked = feed.looked
        self.overflowed = feed.overflowed
        self._feed = feed
        self._rpc = rpc
        self._tokens = tokens
        self._participant_id = participant_id
        self._shown: Secret | None = None
        """The token of the connection."""
        self._shown_at = 0.0
        """When it was shown."""
        self._turned_away = False
        """Whether the last connection was refused at the door."""

    def prepare(self) -> Flow[GrpcDial]:
        """Obtain a token and lay the call out."""
        request = yield from self._feed.prepare()
        now: Instant = yield Now()
        # given up before the connection is: what is told then is what was wrong
        patience = min(_PATIENCE, _SHARE * self.machine.rhythm.connect)
        token = yield from self._tokens().token(now.monotonic + patience)
        now = yield Now()
        self._shown, self._shown_at = token.secret, now.monotonic
        return GrpcDial(
            path=self._rpc.path,
            answer=self._rpc.response.FromString,
            request=None if request is None else request.SerializeToString(),
            metadata=lambda: self._metadata(token.secret),
        )

    def _metadata(self, token: Secret) -> Metadata:
        known = () if self._participant_id is None else (("x-participant-id", self._participant_id),)
        return (("authorization", f"Bearer {token.reveal()}"), *known)

    def ended(self, now: float, reason: str, code: int | None) -> list[Action]:
        """Note that a connection is gone; what another would meet again ends the stream."""
        # one that tells what was before is let in as well
        state = self.machine.state
        stood = self.machine.answered or now >= self._shown_at + _DOOR
        admitted = state is StreamState.LIVE or (state is StreamState.SUBSCRIBING and stood)
        if code == _UNAUTHENTICATED:
            if self._shown is not None:
                # whether there is another or not, a single refusal proves nothing
                self._tokens().refused(f"Bearer {self._shown.reveal()}")
            # one that was let in before is let in again, if not at once
            if not admitted and self._turned_away:
                return self._refuse(now, AuthError(f"credentials were refused twice in a row: {reason}"))
        # a token that ran out in the middle was not refused at the door
        self._turned_away = code == _UNAUTHENTICATED and not admitted
        if code in _FINAL and code not in self._feed.mends:
            return self._refuse(now, _FINAL[code](reason))
        return self._feed.ended(now, reason, code)

    def _refuse(self, now: float, error: PolyspecError) -> list[Action]:
        self._feed.lost(str(error))
        return self.machine.refused(now, error)
