"""Who calls: an API key in one of four headers, or a session token where an operation takes one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from polyspec_wire import Operation
from starlette.datastructures import Headers

from polyspec.sandbox.polysimulator.keys import ApiKey
from polyspec.sandbox.polysimulator.refusals import forbidden, missing, unauthorized
from polyspec.sandbox.polysimulator.users import User

if TYPE_CHECKING:
    from polyspec.sandbox.polysimulator.world import PolySimWorld

__all__ = ["Caller", "authenticate", "caller_of_key", "check_permission", "is_for_partners"]

_KEY: Final = "apiKey"
_BEARER: Final = "bearer"
_NAMES: Final = ("x-api-key", "poly_api_key", "poly-api-key")
"""Headers a key is looked for in, the first that is there counts; then an authorization header."""
_PREFIXES: Final = ("ps_live_", "ps_test_")
_TENANT: Final = "tenantKey"
_TIERS: Final = "Keys_GetTiers"
_OPENED_LATE: Final = frozenset(
    {"Markets_ListMarkets", "Markets_ListUpdown", "Markets_ListUpdownAlias", _TIERS}
)
"""What needed a key before it became public."""
_SESSION_LATE: Final = frozenset({"Account_GetBalance"})


@dataclass(frozen=True)
class Caller:
    """Whoever sent a request."""

    user: User
    key: ApiKey | None = None
    """None with a session token."""
    cut_off: bool = False
    """Whether the key was one of the beta, which is over for it."""

    @property
    def tier(self) -> str:
        """The tier whose limits hold."""
        if self.cut_off:
            return "free"
        return self.user.plan if self.key is None else self.key.tier

    @property
    def permissions(self) -> tuple[str, ...]:
        """What the caller may do; a session token may do what a key of the user may."""
        if self.cut_off:
            return ("read",)
        return ("read", "trade") if self.key is None else self.key.permissions

    @property
    def owner(self) -> str:
        """In whose name requests are counted."""
        return f"user {self.user.id}" if self.key is None else f"key {self.key.id}"


def _allowed(world: PolySimWorld, operation: Operation) -> tuple[set[str], bool]:
    """Return the kinds of credentials an operation takes, and whether it goes without."""
    schemes = {name for alternative in operation.security for name, _ in alternative}
    open_now = not operation.security or any(not each for each in operation.security)
    if operation.id in _OPENED_LATE and not world.options.anonymous_markets:
        # keys are managed with a session as well
        schemes, open_now = ({_KEY, _BEARER} if operation.id == _TIERS else {_KEY}), False
    if operation.id in _SESSION_LATE and not world.options.session_balance:
        schemes = {_KEY}
    return schemes, open_now


def is_for_partners(operation: Operation) -> bool:
    """Tell whether an operation is one of those partners have."""
    return any(name == _TENANT for alternative in operation.security for name, _ in alternative)


def authenticate(world: PolySimWorld, operation: Operation, headers: Headers) -> Caller | None:
    """Return who calls, None where nobody is asked, and for partners; raises Refusal (401, 403, 404)."""
    allowed, open_now = _allowed(world, operation)
    key, token = _credentials(headers)
    if key is not None and _KEY in allowed:
        return caller_of_key(world, key)
    if token is not None and _BEARER in allowed:
        return _caller_of_token(world, token)
    if _TENANT in allowed:
        _check_partner(world, headers)
        return None
    if open_now:
        return None
    if _KEY not in allowed:
        raise unauthorized("MISSING_AUTH", "this needs a session token: Authorization: Bearer <token>")
    if _BEARER in allowed:
        raise unauthorized("MISSING_AUTH", "an API key or a session token is required")
    raise unauthorized("MISSING_API_KEY", "an API key is required in the X-API-Key header")


def _check_partner(world: PolySimWorld, headers: Headers) -> None:
    """Raise Refusal (401, 403, 404) unless a request has the key of the partner, which is of another kind."""
    if not world.options.partner_enabled:
        raise missing("NOT_FOUND", "Not Found")
    key = headers.get(_NAMES[0], "").strip()
    if not key:
        raise unauthorized("MISSING_API_KEY", "a partner's key is required in the X-API-Key header")
    if world.keys.find(key) is not None:
        raise forbidden("INSUFFICIENT_PERMISSION", "the key lacks 'users:write'", required="users:write")
    if not world.partners.holds(key):
        raise unauthorized("INVALID_KEY", "the key is no partner's")


def _credentials(headers: Headers) -> tuple[str | None, str | None]:
    """Return the API key and the session token that were sent."""
    kind, _, value = headers.get("authorization", "").partition(" ")
    bearer = value.strip() if kind.lower() == "bearer" else ""
    alias = bearer if bearer.startswith(_PREFIXES) else None
    token = bearer if bearer and alias is None else None
    return next((headers[name].strip() for name in _NAMES if headers.get(name)), alias), token


def caller_of_key(world: PolySimWorld, raw: str) -> Caller:
    """Return whose key a text is; raises Refusal (401, 403)."""
    key = world.keys.find(raw)
    if key is None:
        raise unauthorized("INVALID_KEY", "the API key is not known")
    if not key.active:
        raise unauthorized("KEY_DEACTIVATED", "the API key was revoked")
    if world.keys.expired(key):
        raise unauthorized("KEY_EXPIRED", "the API key has expired")
    user = world.users.get(key.user_id)
    if user is None:
        raise unauthorized("KEY_OWNER_NOT_FOUND", "nobody owns the API key any more")
    _check_block(user)
    world.keys.use(key)
    return Caller(user, key, cut_off=world.keys.cut_off(key))


def _caller_of_token(world: PolySimWorld, token: str) -> Caller:
    user = world.users.of_auth(world.tokens.subject(token))
    if user is None:
        raise unauthorized("USER_NOT_FOUND", "the session token is of nobody we know")
    _check_block(user)
    return Caller(user)


def _check_block(user: User) -> None:
    if user.blocked:
        raise forbidden("ACCESS_RESTRICTED", "access to this account is restricted")


def check_permission(operation: Operation, caller: Caller) -> None:
    """Raise Refusal (403) if the key lacks a permission the operation needs."""
    needed = {scope for alternative in operation.security for name, scopes in alternative for scope in scopes}
    if missing := sorted(needed.difference(caller.permissions)):
        raise forbidden(
            "INSUFFICIENT_PERMISSION",
            f"the API key lacks the {missing[0]!r} permission",
            required=missing[0],
            permissions=list(caller.permissions),
        )
