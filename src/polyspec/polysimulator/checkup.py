"""What can be wrong with a PolySimulator client, looked at without placing, cancelling or making anything."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import UTC, datetime
from typing import Any, Final

from attrs import Factory, define, field
from polyspec_wire import Call
from polyspec_wire.polysimulator import account, books, health, identity, keys
from polyspec_wire.polysimulator import models as wire

from polyspec.core.checkup import Found, foreign
from polyspec.core.claims import claims_of, expiry_of
from polyspec.core.effects import Flow, Instant, Now, Reply
from polyspec.core.findings import Fact, Finding, error, info, ok, said, warning
from polyspec.core.sending import Session
from polyspec.errors import ApiError, AuthError, Forbidden, Unauthorized
from polyspec.io.checkups import Beating, clock, extras, heartbeats, impatient, limits, network
from polyspec.io.checkups_vault import filed
from polyspec.io.options import HttpOptions
from polyspec.io.probing import Place
from polyspec.polysimulator.credentials import Credentials

__all__ = ["Patient", "Visit"]

_FORMS: Final = ("ps_live_", "ps_test_")
_PAGE: Final = 50
_EXTRAS: Final = {
    "httptools": ("orders go out slower", "polysimulator", False),
    "websockets": ("there are no streams of books and fills", "polysimulator", False),
}

# by the venue's code: ours, and what to do
_REFUSED: Final[Mapping[str, tuple[str, str]]] = {
    "KEY_DEACTIVATED": ("key.revoked", "make another in the dashboard, or by keys.bootstrap()"),
    "KEY_EXPIRED": ("key.expired", "use the key that replaced it, or make another"),
    "INVALID_KEY": ("key.unknown", "a key belongs to one deployment: compare the key with the base URL"),
    "KEY_OWNER_NOT_FOUND": ("key.unknown", "its account is gone: make a key with another one"),
    "ACCESS_RESTRICTED": ("account.blocked", "the venue has blocked this account: ask it why"),
    "CLOSED_BETA": ("account.closed_beta", "the venue lets in only invited accounts: see cohort_status()"),
}


@define(frozen=True, kw_only=True)
class Patient:
    """A client, as far as it is looked at."""

    base_url: str
    session: Session
    credentials: Credentials = field(repr=False)
    wallet_id: int | None
    beating: Collection[Beating]
    """The heartbeats that run."""
    http: HttpOptions
    replaced: bool
    """Whether the connections were handed in."""
    pacing: object
    """The setting."""
    markets: tuple[str, ...] = ()
    """Condition ids of the markets to look at."""


@define
class Visit:
    """One examination."""

    patient: Patient
    session: Session = Factory(lambda self: impatient(self.patient.session), takes_self=True)
    replies: list[Reply] = Factory(list)

    def ask(self, call: Call[Any]) -> Flow[Any]:
        """Send a call, and keep what its answer says of limits."""
        answer = yield from self.session.send(call)
        self.replies.append(answer.reply)
        return answer.value

    # -- the way there --

    def network(self, found: Found) -> Flow[None]:
        """Reach the host."""
        patient = self.patient
        place = Place.of_url("PolySimulator", patient.base_url)
        yield from network(found, [place], patient.http, replaced=patient.replaced)

    def extras(self, found: Found) -> Flow[None]:
        """Look for what streams and quick orders need."""
        yield Now()
        extras(found, _EXTRAS)

    def clock(self, found: Found) -> Flow[None]:
        """Compare the clocks; nothing is signed here, but orders may end at a moment."""
        yield from clock(found, self.session, books.get_server_time(), float, signs=False)

    def venue(self, found: Found) -> Flow[None]:
        """Ask how the parts of the venue are."""
        told = yield from self.ask(health.get_status())
        parts = {name: getattr(told, name) for name in ("database", "redis", "matching_engine", "websocket")}
        bad = [
            name
            for name, part in parts.items()
            if isinstance(part, dict) and str(part.get("status", "ok")).lower() not in ("ok", "healthy", "up")
        ]
        if bad:
            found.append(
                warning(
                    "venue.degraded",
                    f"the venue says that {', '.join(bad)} is not well",
                    "wait: while Polymarket is down, only orders that may rest are taken",
                    parts=bad,
                )
            )
        else:
            found.append(ok("venue.ok", f"the venue says that it is {told.status}"))

    # -- who it is --

    def key(self, found: Found) -> Flow[None]:
        """Look at the form of the key, and ask whose it is and what it may do."""
        yield from filed(self.patient.session)
        held = self.patient.credentials.api_key
        if held is None:
            found.append(
                info(
                    "key.none",
                    "there is no API key, so the client can read what is public and no more",
                    "give api_key, or set POLYSPEC_POLYSIMULATOR_API_KEY",
                )
            )
            return
        if not held.reveal().startswith(_FORMS):
            found.append(
                warning(
                    "key.form",
                    f"the API key does not begin with {' or '.join(_FORMS)}, as the venue's keys do",
                    "copy it once more, whole, from the answer that made it",
                )
            )
        try:
            me = yield from self.ask(identity.get_me())
        except (Unauthorized, Forbidden) as refusal:
            found.append(_refused(refusal))
            return
        self._rights(found, me)

    def _rights(self, found: Found, me: wire.MeResponse) -> None:
        rights = [str(each.value) for each in me.permissions]
        tier = None if me.tier is None else str(me.tier.value)
        facts: dict[str, Fact] = {"user_id": me.user_id, "tier": tier, "permissions": rights}
        found.append(
            ok(
                "key.ok",
                f"the API key is of user {me.user_id} on the plan {tier}, and may {' and '.join(rights)}",
                **facts,
            )
        )
        if wire.Permission.TRADE not in me.permissions:
            found.append(
                warning(
                    "key.read_only",
                    "the API key can only read: orders are refused",
                    "make one with the permission trade: keys.create(permissions=['read', 'trade'])",
                    **facts,
                )
            )

    def rotation(self, found: Found) -> Flow[None]:
        """Find the key in the account's list, which says how long it works."""
        held = self.patient.credentials.api_key
        if held is None:
            return
        listed = yield from self.ask(keys.list_keys(limit=_PAGE, offset=0))
        mine = [each for each in listed if each.key_prefix and held.reveal().startswith(each.key_prefix)]
        if len(mine) != 1:
            found.append(info("key.unlisted", f"the key in use is not told apart among {len(listed)} listed"))
            return
        now: Instant = yield Now()
        self._ending(found, mine[0], self.session.clock.correct(now.wall))

    def _ending(self, found: Found, key: wire.ApiKeyInfo, now: float) -> None:
        for moment, code, why, fix in (
            (
                key.expires_at,
                "key.rotated",
                "the API key was replaced, and ends",
                "use the newer key",
            ),
            (
                key.beta_until,
                "key.beta",
                "the API key is of the beta, and will only read",
                "get a plan",
            ),
        ):
            until = _moment(moment)
            if until is not None:
                hours = (until - now) / 3600
                found.append(
                    warning(code, f"{why} in {hours:.1f} hours", fix, key_id=key.id, hours=round(hours, 1))
                )
        if key.expires_at is None and key.beta_until is None:
            found.append(ok("key.lasting", f"the key in use is number {key.id}, without end", key_id=key.id))

    def access_token(self, found: Found) -> Flow[None]:
        """Look at the dashboard's access token, if there is one, and ask what only it opens."""
        credentials = self.patient.credentials
        if not credentials.has_token:
            return
        try:
            token = yield from credentials.token()
        except AuthError as problem:
            found.append(
                error("access_token.unusable", said(problem), "look at the function given as access_token")
            )
            return
        now: Instant = yield Now()
        ends = expiry_of(claims_of(token) or {})
        left = None if ends is None else ends - self.session.clock.correct(now.wall)
        again = "sign in again, or give access_token as a function that returns the one to use now"
        if left is not None and left <= 0:
            found.append(error("access_token.expired", f"the access token ended {-left:.0f} s ago", again))
            return
        try:
            yield from self.ask(account.get_entitlements())
        except Unauthorized as refusal:
            found.append(
                error("access_token.refused", f"the access token is refused: {said(refusal)}", again)
            )
            return
        more = "" if left is None else f", for another {left / 60:.0f} minutes"
        found.append(ok("access_token.ok", f"the access token works{more}", seconds=left and round(left)))

    # -- while it trades --

    def heartbeats(self, found: Found) -> Flow[None]:
        """Say whether heartbeats run, and are heard."""
        yield Now()
        heartbeats(found, self.patient.beating)

    def limits(self, found: Found) -> Flow[None]:
        """Say what is left of the limits of the key."""
        yield from limits(found, self.replies, self.patient.pacing)


def _refused(refusal: ApiError) -> Finding:
    code = str(refusal.code)
    strange = foreign("key", refusal)
    if strange is not None and not code.startswith("EDGE_"):
        return strange
    if code.startswith("EDGE_"):
        return error(
            "network.edge",
            f"the edge in front of the venue turned the request away: {said(refusal)}",
            "give PolySimulatorSettings another user_agent, or ask the venue to let this address in",
            code=code,
        )
    name, fix = _REFUSED.get(code, ("key.refused", "look at the key, and at its account in the dashboard"))
    return error(name, f"the API key is refused: {said(refusal)}", fix, code=code)


def _moment(text: str | None) -> float | None:
    if not text:
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return (found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp()
