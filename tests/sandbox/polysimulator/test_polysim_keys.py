"""Keys: the first one, further ones, how they are listed, named, replaced and ended; what is kept of them."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from sim_door import Door

FRESH = "fresh@example.com"
BOOTSTRAP = ("POST", "/v1/keys/bootstrap")


def me(door: Door, raw: str) -> Any:
    """Return whom a key speaks for, or the code it is refused with."""
    answer = door.raw("GET", "/v1/me", headers={"X-API-Key": raw})
    return answer.json() if answer.status_code == 200 else door.code(answer)[1]


def create(door: Door, email: str = "pro@example.com", **body: Any) -> Any:
    """Make a key with a session."""
    return door.raw("POST", "/v1/keys", headers=door.jwt(email), json=body)


# -- the first key --


def test_the_first_key_comes_with_its_wallet(door: Door) -> None:
    """With a session a user without a key gets one, once, and the wallet of the plan."""
    assert door.raw("GET", "/v1/me", headers=door.jwt(FRESH)).json()["balance"] == "0.00"
    made = door.raw(*BOOTSTRAP, headers=door.jwt(FRESH), json={"name": "bot"})
    assert made.status_code == 201
    key = made.json()
    assert key["raw_key"].startswith("ps_live_")
    assert len(key["raw_key"]) == 72
    assert key["key_prefix"] == key["raw_key"][:16]
    assert (key["name"], key["rate_limit_tier"], key["permissions"]) == ("bot", "pro", ["read", "trade"])
    assert me(door, key["raw_key"])["balance"] == "10000.00"
    again = door.raw(*BOOTSTRAP, headers=door.jwt(FRESH))
    assert door.code(again) == (400, "BOOTSTRAP_NOT_ALLOWED")


def test_a_key_does_not_get_a_first_key(door: Door) -> None:
    """The first key needs a session."""
    assert door.code(door.send(*BOOTSTRAP)) == (401, "MISSING_AUTH")


@pytest.mark.parametrize(("admitted", "status"), [(True, 201), (False, 403)])
def test_a_closed_beta_lets_in_who_was_admitted(open_door: Any, admitted: bool, status: int) -> None:
    """Whoever was not admitted is told that the beta is closed."""
    door = open_door(closed_beta=True)
    door.control("POST", "users", {"email": "new@example.com", "admitted": admitted})
    answer = door.raw(*BOOTSTRAP, headers=door.jwt("new@example.com"))
    assert answer.status_code == status
    assert answer.headers.get("x-polysim-code") == (None if admitted else "CLOSED_BETA")


def test_a_full_cohort_says_how_full(open_door: Any) -> None:
    """Without a seat there is no first key; details tell the numbers."""
    door = open_door(cohort_cap=3)
    assert door.raw("GET", "/api/beta/cohort-status").json()["available"] == 0
    headers = {**door.jwt(FRESH), "X-Polysim-Verbose": "true"}
    answer = door.raw(*BOOTSTRAP, headers=headers)
    assert door.code(answer) == (409, "COHORT_FULL")
    assert answer.json()["details"] == {"current_active": 3, "cap": 3, "requested": 1}


@pytest.mark.parametrize(
    ("options", "body", "code"),
    [
        ({}, {"tier": "pro_plus"}, (403, "TIER_REQUIRES_UPGRADE")),
        ({}, {"tier": "enterprise"}, (403, "TIER_NOT_AUTHORIZED")),
        ({}, {"tier": "gold"}, (400, "VALIDATION_FAILED")),
        ({"self_serve": False}, {"tier": "pro_plus"}, (403, "API_PRO_COMING_SOON")),
        ({}, {"permissions": ["admin"]}, (422, "VALIDATION_FAILED")),
        ({}, {"name": "x" * 101}, (422, "VALIDATION_FAILED")),
    ],
)
def test_a_key_beyond_the_plan_is_refused(open_door: Any, options: Any, body: Any, code: Any) -> None:
    """Tiers, permissions and names are held to what the plan and the schema allow; nothing is made."""
    door = open_door(**options)
    assert door.code(create(door, **body)) == code
    assert door.code(door.raw(*BOOTSTRAP, headers=door.jwt(FRESH), json=body)) == code
    assert door.raw("GET", "/v1/keys", headers=door.jwt(FRESH)).json() == []


def test_a_lower_tier_than_the_plan_can_be_had(door: Door) -> None:
    """A key may have less than the plan."""
    made = create(door, tier="free", permissions=["read"]).json()
    assert (made["rate_limit_tier"], made["permissions"]) == ("free", ["read"])
    assert me(door, made["raw_key"])["tier"] == "free"


def test_free_keys_could_only_read_once(open_door: Any) -> None:
    """With the older policy a free key reads by default, and asking for more needs a plan."""
    door = open_door(free_tier="read_only")
    assert create(door, "free@example.com").json()["permissions"] == ["read"]
    assert door.code(create(door, "free@example.com", permissions=["trade"])) == (
        403,
        "TIER_REQUIRES_UPGRADE",
    )


# -- further keys --


def test_a_user_has_five_keys_at_most(door: Door) -> None:
    """Keys that were revoked, have expired or were rotated do not count."""
    raws = [create(door).json() for _ in range(3)]
    assert door.code(create(door)) == (400, "INVALID_REQUEST")
    door.send("DELETE", f"/v1/keys/{raws[0]['id']}")
    door.post(f"/v1/keys/{raws[1]['id']}/rotate")
    assert create(door).status_code == 201
    assert door.code(create(door)) == (400, "INVALID_REQUEST")
    assert door.get("/v1/me")["key_count"] == 5


def test_a_plan_may_have_fewer_slots(open_door: Any) -> None:
    """The limit of a plan has a code of its own."""
    door = open_door(key_slots={"pro": 2})
    assert door.code(create(door)) == (403, "TIER_KEY_LIMIT_EXCEEDED")


def test_listings_show_beginnings_alone(door: Door) -> None:
    """Pages list every key of the user, in order, without the key itself."""
    made = create(door, name="last").json()
    listed = door.get("/v1/keys")
    assert [each["name"] for each in listed] == [
        "api_key", "read_only_api_key", "revoked_api_key", "expired_api_key", "last"
    ]  # fmt: skip
    assert made["raw_key"] not in str(listed)
    assert [each["is_active"] for each in listed] == [True, True, False, True, True]
    assert listed[0]["last_used_at"] is not None
    assert listed[4]["last_used_at"] is None
    assert listed[4]["expires_at"] is None
    assert [each["id"] for each in door.get("/v1/keys", limit=2, offset=1)] == [
        listed[1]["id"],
        listed[2]["id"],
    ]


def test_a_key_is_renamed_and_loses_its_name(door: Door) -> None:
    """Null takes the name away; a name must be said."""
    number = create(door, name="old").json()["id"]
    path = f"/v1/keys/{number}"
    assert door.good(door.send("PATCH", path, json={"name": "new"}))["name"] == "new"
    assert door.good(door.send("PATCH", path, json={"name": None}))["name"] is None
    assert door.code(door.send("PATCH", path, json={})) == (422, "VALIDATION_FAILED")
    assert door.code(door.send("PATCH", path, json={"name": "x" * 101})) == (422, "VALIDATION_FAILED")


def test_a_revoked_key_ends_at_once(door: Door) -> None:
    """The next request with it is refused; revoking it again is no error."""
    made = create(door).json()
    for _ in range(2):
        told = door.send("DELETE", f"/v1/keys/{made['id']}")
        assert (told.status_code, told.json()) == (200, {"message": "Key revoked successfully"})
    assert me(door, made["raw_key"]) == "KEY_DEACTIVATED"


def test_a_revocation_was_answered_by_nothing_once(open_door: Any) -> None:
    """With the older answer there is no body."""
    door = open_door(revocation="no_content")
    made = create(door).json()
    told = door.send("DELETE", f"/v1/keys/{made['id']}")
    assert (told.status_code, told.content) == (204, b"")


def test_a_rotated_key_holds_for_another_day(door: Door) -> None:
    """Both keys hold for a day, then the new one alone; a key is rotated once."""
    old = create(door, name="bot", permissions=["read"]).json()
    new = door.post(f"/v1/keys/{old['id']}/rotate")
    assert new["raw_key"] != old["raw_key"]
    assert (new["name"], new["permissions"]) == ("bot", ["read"])
    assert door.code(door.send("POST", f"/v1/keys/{old['id']}/rotate")) == (400, "INVALID_REQUEST")
    door.pass_time(86_399)
    assert me(door, old["raw_key"])["user_id"] == me(door, new["raw_key"])["user_id"]
    door.pass_time(2)
    assert me(door, old["raw_key"]) == "KEY_EXPIRED"
    assert me(door, new["raw_key"])["email"] == "pro@example.com"


@pytest.mark.parametrize(("method", "path"), [("PATCH", ""), ("DELETE", ""), ("POST", "/rotate")])
def test_nobody_touches_the_keys_of_others(door: Door, method: str, path: str) -> None:
    """A key of another user is not found, as one that does not exist."""
    others = door.get("/v1/keys", key="pro_plus_api_key")[0]["id"]
    for number in (others, 10**6):
        answer = door.send(method, f"/v1/keys/{number}{path}", json={"name": "mine"})
        assert door.code(answer) == (404, "NOT_FOUND")
    assert door.get("/v1/me", key="pro_plus_api_key")["tier"] == "pro_plus"


def test_what_is_kept_of_a_key_does_not_open_anything(open_door: Any, tmp_path: Path) -> None:
    """The journal holds the hash of a key and its beginning; over a restart the key goes on to hold."""
    journal = tmp_path / "sim"
    first = open_door(journal=journal)
    raw = create(first).json()["raw_key"]
    first.close()
    bytes_ = b"".join(each.read_bytes() for each in tmp_path.iterdir())
    assert raw.encode() not in bytes_
    assert first.venue.api_key().encode() not in bytes_
    assert sha256(raw.encode()).hexdigest().encode() in bytes_
    second = open_door(journal=journal, seed=99)
    assert me(second, raw)["email"] == "pro@example.com"
    assert second.venue.api_key() == first.venue.api_key()


# -- websocket tokens --


def test_a_websocket_token_holds_for_a_minute(door: Door) -> None:
    """It names the user until its time is over."""
    told = door.post("/v1/keys/ws-token")
    assert told["expires_in"] == 60
    claim = door.world.tokens.claim(told["token"])
    assert claim is not None
    assert claim.user_id == door.user_id()
    assert door.world.tokens.claim(told["token"]) is not None
    door.pass_time(61)
    assert door.world.tokens.claim(told["token"]) is None


def test_a_websocket_token_may_be_good_for_one_connection(open_door: Any) -> None:
    """With the stricter reading of the documents, the second use is refused."""
    door = open_door(ws_token_reusable=False)
    token = door.post("/v1/keys/ws-token")["token"]
    assert door.world.tokens.claim(token) is not None
    assert door.world.tokens.claim(token) is None
