"""Get access tokens for the US exchange: sign, ask, and ask again where that can help."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final
from urllib.parse import urlsplit

import msgspec
from attrs import Factory, frozen

from polyspec.core.attempt import backoff, parse_retry_after
from polyspec.core.clock import ClockOffset
from polyspec.core.effects import Flow, Instant, Now, Reply, Request, Send, Sleep, Timeouts
from polyspec.core.nesting import read_plain
from polyspec.core.secret import Secret
from polyspec.core.token_sharing import TokenSharing
from polyspec.core.tokens import IssuerError, Token, TokenCache, lifetime, shared_cache
from polyspec.errors import AuthError, DecodeError, PolyspecError, TimedOut, TransportError
from polyspec.us.auth import PrivateKeyJwt
from polyspec.us.token_refusal import CLOCK_TOLERANCE, explain

__all__ = ["TokenSource"]

_ATTEMPTS: Final = 4
# One attempt must not eat the time of the next; the endpoint answers in a fraction of a second.
_CONNECT: Final = 3.0
_TOTAL: Final = 6.0
_SHORTEST_WAIT: Final = 0.25
_TRANSIENT: Final = frozenset({408, 425, 429})
# What a header can carry, and nothing that ends one.
_BEARER: Final = re.compile(r"[\x21-\x7e]{1,16384}")


@frozen
class TokenSource:
    """The access tokens of one set of credentials, shared by all in this process that use the same."""

    credentials: PrivateKeyJwt
    clock: ClockOffset
    chance: Callable[[], float]
    """Uniform in [0, 1): spreads retries and renewals."""
    user_agent: str = "polyspec"
    sharing: TokenSharing | None = None
    """Where other processes leave their tokens, and take ours."""
    cache: TokenCache = Factory(
        lambda self: shared_cache(self.credentials.identity, self.chance), takes_self=True
    )

    def token(self, deadline: float) -> Flow[Token]:
        """Return a token that is good now, before the monotonic second `deadline`.

        Raises AuthError if the credentials were refused, else TransportError or DecodeError. The call that
        needed the token was not sent, so none of them says that it may have been executed.
        """
        return self.cache.token(self.request if self.sharing is None else self._shared, deadline)

    def refused(self, authorization: str) -> bool:
        """Note a 401 against this ``Authorization`` header; return whether a new token is worth a try."""
        token = Secret(authorization.partition(" ")[2].strip())
        if self.sharing is not None:
            # another process may have left the very same
            self.sharing.refuse(token)
        return self.cache.invalidate(token)

    def _shared(self, deadline: float) -> Flow[Token]:
        assert self.sharing is not None
        # of those with one cache one at a time gets here
        return self.sharing.fetch(self.request, deadline, f"{id(self.cache):x}")

    def request(self, deadline: float) -> Flow[Token]:
        """Ask for a new token, signing anew for every attempt."""
        attempts = _Attempts(self, deadline)
        try:
            return (yield from attempts.run())
        except PolyspecError as error:
            error.operation = f"POST {urlsplit(self.credentials.token_url).path or '/'}"
            error.attempts = attempts.number
            # this speaks of the call that needed the token, and that one never left
            error.maybe_executed = False
            raise


class _Attempts:
    """The attempts to get one token."""

    def __init__(self, source: TokenSource, deadline: float) -> None:
        self.source = source
        self.clock = source.clock
        self.deadline = deadline
        self.number = 0
        self._corrected = False

    def run(self) -> Flow[Token]:
        while True:
            outcome = yield from self._once()
            if isinstance(outcome, Token):
                return outcome
            if outcome is None:
                continue
            if isinstance(outcome, AuthError | DecodeError) or self.number >= _ATTEMPTS:
                raise outcome
            yield from self._wait(outcome)

    def _once(self) -> Flow[Token | PolyspecError | None]:
        """Make one attempt: a token, what went wrong, or None to go again at once."""
        start: Instant = yield Now()
        left = self.deadline - start.monotonic
        if left <= 0:
            return TimedOut("the deadline passed before the token endpoint gave an access token")
        self.clock.notice(start)
        applied = self.clock.seconds
        request = self._build(self._stamp(start), left)
        self.number += 1
        try:
            reply: Reply = yield Send(request)
        except TransportError as error:
            return error
        end: Instant = yield Now()
        date = reply.headers.get("date")
        if reply.status == 200:
            self.clock.learn(date, end.wall, reply.elapsed)
            return _read_token(reply.body, born=start.monotonic)
        if reply.status in _TRANSIENT or reply.status >= 500:
            return _unavailable(reply, self.clock.correct(end.wall))
        offset = self.clock.sample(date, end.wall, reply.elapsed)
        return None if self._correct(reply, end, offset, applied) else self._refusal(reply, offset, applied)

    def _stamp(self, now: Instant) -> float:
        try:
            return self.clock.stamp(now)
        except AuthError:
            # when this is asked for again, the clock may have been set: then its own time is tried first
            self.clock.forget()
            raise

    def _build(self, server_time: float, left: float) -> Request:
        call = self.source.credentials.token_call(server_time)
        short, whole = min(_CONNECT, left), min(_TOTAL, left)
        return Request(
            method=call.operation.method,
            url=self.source.credentials.token_url,
            headers=(
                ("accept", "application/json"),
                ("user-agent", self.source.user_agent),
                ("content-type", "application/json"),
            ),
            body=msgspec.json.encode(call.body),
            timeout=Timeouts(connect=short, write=short, read=whole, total=whole),
        )

    def _correct(self, reply: Reply, end: Instant, offset: float | None, applied: float) -> bool:
        """After a refusal: take over the server's clock if ours can be the reason, once."""
        if self._corrected or offset is None or abs(offset - applied) <= CLOCK_TOLERANCE:
            return False
        self.clock.learn(reply.headers.get("date"), end.wall, reply.elapsed, proven=True)
        self._corrected = True
        # an absurd offset is not taken over, and the same time again would be refused again
        return abs(self.clock.seconds - offset) <= CLOCK_TOLERANCE

    def _refusal(self, reply: Reply, offset: float | None, applied: float) -> PolyspecError:
        if 300 <= reply.status < 400:
            error = AuthError(
                f"the token endpoint answered {reply.status}, a redirect, which is never followed with "
                f"credentials; likely cause: the token URL {self.source.credentials.token_url}"
            )
            error.cause = "token_url"
            return error
        return explain(reply, self.source.credentials, offset, applied)

    def _wait(self, error: PolyspecError) -> Flow[None]:
        """Sleep until the next attempt, or raise if it would come too late."""
        now: Instant = yield Now()
        asked = error.retry_after if isinstance(error, IssuerError) else None
        delay = max(_SHORTEST_WAIT, backoff(self.number, asked, self.source.chance()))
        if now.monotonic + delay >= self.deadline:
            raise error
        yield Sleep(delay)


def _unavailable(reply: Reply, now_wall: float) -> IssuerError:
    wait = parse_retry_after(reply.headers, now_wall)
    asked = "" if wait is None else f" and asks to wait {wait:g} s"
    error = IssuerError(f"the token endpoint answered {reply.status}{asked}")
    error.retry_after = wait
    return error


def _read_token(body: bytes, born: float) -> Token | DecodeError:
    """Read the answer; what is wrong is returned, for a traceback from here would hold the token."""
    try:
        answer = read_plain(body)
    except msgspec.DecodeError:
        return DecodeError("the token endpoint answered 200 with something that is not JSON")
    if not isinstance(answer, dict):
        return DecodeError("the token endpoint answered 200 without a JSON object")
    kind = answer.get("token_type", "Bearer")
    if not isinstance(kind, str) or kind.lower() != "bearer":
        return DecodeError("token_type must be Bearer")
    bearer = answer.get("access_token")
    if not isinstance(bearer, str) or not _BEARER.fullmatch(bearer):
        return DecodeError("access_token must be a text that fits into a header")
    try:
        life = lifetime(answer.get("expires_in"))
    except DecodeError as error:
        return DecodeError(str(error))
    return Token(Secret(bearer), born, life)
