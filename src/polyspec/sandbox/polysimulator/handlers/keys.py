"""API keys: the first one, further ones, their names and ends, the table of tiers, websocket tokens."""

from __future__ import annotations

from typing import Any, Final

from polyspec.sandbox.polysimulator.keys import PERMISSIONS, ApiKey
from polyspec.sandbox.polysimulator.paging import cut
from polyspec.sandbox.polysimulator.refusals import Refusal, bad_request, forbidden, invalid, missing
from polyspec.sandbox.polysimulator.registry import Answer, Asked, handles
from polyspec.sandbox.polysimulator.users import PLANS
from polyspec.sandbox.polysimulator.views import iso, moment

__all__: list[str] = []

_LONGEST_NAME: Final = 100
_MOST: Final = 200


def _created(key: ApiKey, raw: str) -> dict[str, Any]:
    return {
        "id": key.id,
        "raw_key": raw,
        "key_prefix": key.prefix,
        "name": key.name,
        "rate_limit_tier": key.tier,
        "permissions": list(key.permissions),
        "created_at": iso(key.created),
    }


def _listed(key: ApiKey) -> dict[str, Any]:
    return {
        "id": key.id,
        "key_prefix": key.prefix,
        "name": key.name,
        "rate_limit_tier": key.tier,
        "permissions": list(key.permissions),
        "is_active": key.active,
        "created_at": iso(key.created),
        "last_used_at": moment(key.used),
        "expires_at": moment(key.expires),
    }


# -- making --


@handles("Keys_BootstrapKey")
def bootstrap_key(asked: Asked) -> Answer:
    """Make the first key of a user, and the wallet that goes with it."""
    world, user = asked.world, asked.caller.user
    if world.keys.holding(user.id):
        raise bad_request("BOOTSTRAP_NOT_ALLOWED", "this account has a key already; use POST /v1/keys")
    if world.options.closed_beta and not user.admitted:
        raise forbidden("CLOSED_BETA", "the API is in closed beta")
    _check_seats(asked)
    terms = _terms(asked)
    world.engine.open_api_wallet(user.id, asked.now_ns)
    key, raw = world.keys.create(user.id, **terms)
    return Answer(_created(key, raw), status=201)


def _check_seats(asked: Asked) -> None:
    """Raise Refusal (409) if the beta is full."""
    active, cap = asked.world.seats(), asked.world.options.cohort_cap
    if active >= cap:
        details = {"current_active": active, "cap": cap, "requested": 1}
        raise Refusal(409, "COHORT_FULL", "all seats of the beta are taken", details=details)


@handles("Keys_CreateKey")
def create_key(asked: Asked) -> Answer:
    """Make a further key."""
    world, user = asked.world, asked.caller.user
    terms = _terms(asked)
    if len(world.keys.holding(user.id)) >= world.options.most_keys:
        raise bad_request(
            "INVALID_REQUEST", f"at most {world.options.most_keys} active keys; revoke one first"
        )
    slots = world.options.key_slots.get(user.plan)
    if slots is not None and len(world.keys.holding(user.id)) >= slots:
        raise forbidden("TIER_KEY_LIMIT_EXCEEDED", f"the {user.plan} plan has {slots} keys at most")
    world.engine.open_api_wallet(user.id, asked.now_ns)
    key, raw = world.keys.create(user.id, **terms)
    return Answer(_created(key, raw), status=201)


def _terms(asked: Asked) -> dict[str, Any]:
    """Return name, tier and permissions of a key to be; raises Refusal (400, 403, 422)."""
    body, user = asked.body, asked.caller.user
    tier = body.tier or user.plan
    if tier not in PLANS:
        raise bad_request("VALIDATION_FAILED", f"tier must be one of {', '.join(PLANS)}")
    if not user.entitled(tier):
        _refuse_tier(asked, tier)
    permissions = tuple(dict.fromkeys(str(each) for each in body.permissions or ()))
    if unknown := [each for each in permissions if each not in PERMISSIONS]:
        raise invalid(f"unknown permission {unknown[0]!r}", field="permissions")
    may_trade = tier != "free" or asked.world.options.free_tier == "trade"
    if "trade" in permissions and not may_trade:
        raise forbidden("TIER_REQUIRES_UPGRADE", "keys of the free plan can only read")
    default = PERMISSIONS if may_trade else ("read",)
    return {"name": _name(body.name), "tier": tier, "permissions": permissions or default}


def _refuse_tier(asked: Asked, tier: str) -> None:
    if tier == "enterprise":
        raise forbidden("TIER_NOT_AUTHORIZED", "enterprise keys are made by arrangement")
    if not asked.world.options.self_serve:
        raise forbidden("API_PRO_COMING_SOON", f"{tier} keys cannot be had yet")
    raise forbidden("TIER_REQUIRES_UPGRADE", f"{tier} keys need the {tier} plan")


def _name(name: str | None) -> str | None:
    if name is not None and len(name) > _LONGEST_NAME:
        raise invalid(f"name must have at most {_LONGEST_NAME} characters", field="name")
    return name


# -- keeping --


@handles("Keys_ListKeys")
def list_keys(asked: Asked) -> list[dict[str, Any]]:
    """List the keys of a user, those that do not hold any more too."""
    limit, offset = asked.whole("limit", 50, 1, _MOST), asked.whole("offset", 0, 0)
    page, _ = cut(asked.world.keys.of(asked.caller.user.id), offset, limit)
    return [_listed(each) for each in page]


def _key(asked: Asked) -> ApiKey:
    """Return the caller's key of the path; raises Refusal (404)."""
    found = asked.world.keys.get(int(asked.path["key_id"]))
    if found is None or found.user_id != asked.caller.user.id:
        raise missing("NOT_FOUND", "no such key")
    return found


@handles("Keys_RenameKey")
def rename_key(asked: Asked) -> dict[str, Any]:
    """Give a key another name; null takes the name away."""
    key = _key(asked)
    return _listed(asked.world.keys.rename(key, _name(asked.body.name)))


@handles("Keys_RevokeKey")
def revoke_key(asked: Asked) -> Answer:
    """Make a key invalid at once; doing it again changes nothing."""
    key = _key(asked)
    if key.active:
        asked.world.keys.revoke(key)
    if asked.world.options.revocation == "no_content":
        return Answer(None, status=204)
    return Answer({"message": "Key revoked successfully"})


@handles("Keys_RotateKey")
def rotate_key(asked: Asked) -> dict[str, Any]:
    """Make a key that replaces another, which goes on to hold for a day."""
    key = _key(asked)
    if not key.active or asked.world.keys.expired(key) or key.rotated:
        raise bad_request("INVALID_REQUEST", "only a key that holds can be rotated, and only once")
    made, raw = asked.world.keys.rotate(key, asked.world.options.rotation_overlap)
    return _created(made, raw)


# -- tiers and tokens --


@handles("Keys_GetTiers")
def get_tiers(asked: Asked) -> list[dict[str, Any]]:
    """Show what the keys of each tier may do."""
    return [
        {
            "tier": name,
            "requests_per_second": tier.per_second,
            "requests_per_minute": tier.per_minute,
            "max_ws_connections": tier.sockets,
            "max_batch_size": tier.batch,
        }
        for name, tier in asked.world.options.tiers.items()
    ]


@handles("Keys_CreateWsToken")
def create_ws_token(asked: Asked) -> dict[str, Any]:
    """Make a token that opens a websocket."""
    caller = asked.caller
    token = asked.world.tokens.websocket(caller.user.id, None if caller.key is None else caller.key.id)
    return {"token": token, "expires_in": int(asked.world.options.ws_token_life)}
