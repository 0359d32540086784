"""Who gets in: keys in four headers, session tokens, and what each operation takes."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

import jwt
import pytest
from polyspec_wire.polysimulator import OPERATIONS
from sim_door import Door

from polyspec.sandbox.polysimulator.options import ERA_C

READ = "/v1/account/balance"
PLACE = ("POST", "/v1/orders")


def fill(path: str) -> str:
    """Return a path with something in each of its places."""
    for name in ("condition_id", "slug", "symbol", "job_id", "id"):
        path = path.replace(f"{{{name}}}", "x")
    for name in ("key_id", "wallet_id", "order_id", "token_id"):
        path = path.replace(f"{{{name}}}", "1")
    return path


@pytest.mark.parametrize("name", ["X-API-Key", "POLY_API_KEY", "Poly-API-Key", "Authorization"])
def test_a_key_is_taken_from_any_of_four_headers(reader: Door, name: str) -> None:
    """Each of the documented headers carries a key."""
    raw = reader.venue.api_key()
    value = f"Bearer {raw}" if name == "Authorization" else raw
    assert reader.raw("GET", READ, headers={name: value}).status_code == 200


def test_the_own_header_wins_over_its_aliases(reader: Door) -> None:
    """A wrong X-API-Key is not saved by a good alias, and a good one is not spoilt by wrong aliases."""
    good, bad = reader.venue.api_key(), "ps_live_" + "0" * 64
    aliases = {"POLY_API_KEY": good, "Authorization": f"Bearer {good}"}
    assert reader.code(reader.raw("GET", READ, headers={"X-API-Key": bad, **aliases})) == (401, "INVALID_KEY")
    wrong = {"POLY_API_KEY": bad, "Poly-API-Key": bad, "Authorization": f"Bearer {bad}"}
    assert reader.raw("GET", READ, headers={"X-API-Key": good, **wrong}).status_code == 200


def test_wallet_headers_open_nothing(reader: Door) -> None:
    """The five headers of the real CLOB are read by nobody."""
    headers = {f"POLY_{each}": "1" for each in ("ADDRESS", "SIGNATURE", "TIMESTAMP", "NONCE", "PASSPHRASE")}
    answer = reader.raw("GET", "/v1/account/positions", headers=headers)
    assert reader.code(answer) == (401, "MISSING_API_KEY")


@pytest.mark.parametrize(
    ("name", "code"), [("revoked_api_key", "KEY_DEACTIVATED"), ("expired_api_key", "KEY_EXPIRED")]
)
def test_keys_that_do_not_hold_say_why(reader: Door, name: str, code: str) -> None:
    """A revoked and an expired key are told apart from an unknown one."""
    assert reader.code(reader.send("GET", READ, key=name)) == (401, code)


def test_a_reading_key_reads_and_does_not_trade(reader: Door) -> None:
    """What needs the trade permission is a 403 with its code; reading goes on."""
    assert reader.send("GET", READ, key="read_only_api_key").status_code == 200
    answer = reader.send(*PLACE, key="read_only_api_key", json={})
    assert reader.code(answer) == (403, "INSUFFICIENT_PERMISSION")


def test_every_operation_asks_for_what_the_specification_says(open_door: Any) -> None:
    """Without credentials only public operations are not 401; a key does not do for a session."""
    door = open_door()
    wrong: list[str] = []
    for operation in OPERATIONS.values():
        if operation.stream is not None or "partner" in operation.path or "stream" in operation.path:
            continue
        public = not operation.security or () in operation.security
        answer = door.raw(operation.method, fill(operation.path))
        if (answer.status_code == 401) is public:
            wrong.append(f"{operation.id} without credentials: {answer.status_code}")
        keyed = any(name == "apiKey" for each in operation.security for name, _ in each)
        bearer = any(name == "bearer" for each in operation.security for name, _ in each)
        if not public and not keyed and door.send(operation.method, fill(operation.path)).status_code != 401:
            wrong.append(f"{operation.id} takes a key")
        session = door.raw(operation.method, fill(operation.path), headers=door.jwt("free@example.com"))
        if not public and not bearer and session.status_code != 401:
            wrong.append(f"{operation.id} takes a session: {session.status_code}")
        if bearer and session.status_code == 401:
            wrong.append(f"{operation.id} refuses a session")
    assert not wrong


def test_trade_permission_is_asked_where_the_specification_says(open_door: Any) -> None:
    """A reading key is refused by exactly the operations that need to trade."""
    door = open_door()
    wrong: list[str] = []
    for operation in OPERATIONS.values():
        scopes = {
            scope
            for each in operation.security
            for name, found in each
            for scope in found
            if name == "apiKey"
        }
        if operation.stream is not None or not scopes:
            continue
        answer = door.send(operation.method, fill(operation.path), key="read_only_api_key")
        refused = answer.headers.get("x-polysim-code") == "INSUFFICIENT_PERMISSION"
        if refused is not ("trade" in scopes):
            wrong.append(f"{operation.id}: {answer.status_code}")
    assert not wrong


# -- sessions --


@pytest.mark.parametrize(
    ("claims", "code"),
    [
        ({"aud": "anon"}, "INVALID_TOKEN"),
        ({"role": "service_role"}, "INVALID_TOKEN"),
        ({"role": "anon"}, "INVALID_TOKEN"),
        ({"sub": "not-a-uuid"}, "INVALID_TOKEN"),
        ({"exp": 1}, "TOKEN_EXPIRED"),
        ({"sub": "00000000-0000-4000-8000-000000000000"}, "USER_NOT_FOUND"),
    ],
)
def test_session_tokens_of_another_kind_are_refused(reader: Door, claims: dict[str, Any], code: str) -> None:
    """Wrong audience, role, subject or time is a 401 with its code."""
    user = reader.world.users.of_email("pro@example.com")
    assert user is not None
    token = reader.world.tokens.session(user.auth_id, **claims)
    answer = reader.raw("GET", "/v1/me", headers={"Authorization": f"Bearer {token}"})
    assert reader.code(answer) == (401, code)


def test_a_session_token_of_another_secret_is_refused(reader: Door) -> None:
    """Neither a foreign signature nor none at all gets in."""
    user = reader.world.users.of_email("pro@example.com")
    assert user is not None
    claims = {"sub": user.auth_id, "aud": "authenticated", "exp": 2**40}
    for token in (
        jwt.encode(claims, "x" * 64, algorithm="HS256"),
        jwt.encode(claims, None, algorithm="none"),
        "rubbish",
    ):
        answer = reader.raw("GET", "/v1/me", headers={"Authorization": f"Bearer {token}"})
        assert reader.code(answer) == (401, "INVALID_TOKEN")


def test_a_websocket_token_is_no_session(reader: Door) -> None:
    """What opens a websocket opens nothing else, and the other way round."""
    token = reader.post("/v1/keys/ws-token")["token"]
    answer = reader.raw("GET", "/v1/me", headers={"Authorization": f"Bearer {token}"})
    assert reader.code(answer) == (401, "INVALID_TOKEN")
    assert reader.world.tokens.claim(reader.venue.session()) is None


def test_a_blocked_account_is_restricted(open_door: Any) -> None:
    """Neither key nor session of a blocked user gets in."""
    door = open_door()
    user = door.world.users.of_email("pro@example.com")
    door.control("POST", f"users/{user.id}", {"blocked": True})
    for headers in (door.key(), door.jwt()):
        assert door.code(door.raw("GET", "/v1/me", headers=headers)) == (403, "ACCESS_RESTRICTED")


def test_lists_of_markets_needed_a_key_once(open_door: Any) -> None:
    """With the option off, what became public lately is behind a key again."""
    door = open_door(anonymous_markets=False)
    for path, code in (
        ("/v1/markets", "MISSING_API_KEY"),
        ("/v1/markets/updown", "MISSING_API_KEY"),
        ("/v1/keys/tiers", "MISSING_AUTH"),
    ):
        assert door.code(door.raw("GET", path)) == (401, code)
        assert door.send("GET", path).status_code == 200
    assert door.raw("GET", "/v1/keys/tiers", headers=door.jwt()).status_code == 200


def test_a_public_list_takes_a_key_and_counts_by_it(reader: Door) -> None:
    """With a key the answer is one of the key's; a key that does not hold is refused all the same."""
    assert "x-ratelimit-tier" not in reader.raw("GET", "/v1/markets").headers
    assert reader.send("GET", "/v1/markets").headers["x-ratelimit-tier"] == "pro"
    assert reader.code(reader.send("GET", "/v1/markets", key="revoked_api_key")) == (401, "KEY_DEACTIVATED")


def test_the_edge_turns_nameless_callers_away(open_door: Any) -> None:
    """Python's own urllib gets plain text before anybody looks at its key, unless the option is off."""
    for blocks, status in ((True, 403), (False, 200)):
        door = open_door(edge_blocks_urllib=blocks)
        answer = door.send("GET", READ, headers={"User-Agent": "Python-urllib/3.11"})
        assert answer.status_code == status
        if blocks:
            assert (answer.text, answer.headers["content-type"][:10]) == ("error code: 1010", "text/plain")
            assert "x-polysim-code" not in answer.headers
            assert "x-request-id" not in answer.headers


def test_the_balance_needed_a_key_once(open_door: Any) -> None:
    """With the option off, a session does not read the balance, and still lists wallets."""
    door = open_door(session_balance=False)
    assert door.raw("GET", READ, headers=door.jwt()).status_code == 401
    assert door.raw("GET", "/v1/me/wallets", headers=door.jwt()).status_code == 200


def test_a_key_of_the_beta_falls_back_to_reading(open_door: Any) -> None:
    """After its cutoff such a key is one of the free plan that can only read, and answers say so."""
    door = open_door()
    key = door.world.keys.find(door.venue.api_key())
    door.control("POST", f"keys/{key.id}", {"beta_until": 60})
    assert "x-api-beta-cutoff" not in door.send("GET", "/v1/me").headers
    door.pass_time(61)
    me = door.send("GET", "/v1/me")
    assert me.headers["x-api-beta-cutoff"] == "expired"
    assert (me.json()["tier"], me.json()["permissions"]) == ("free", ["read"])
    assert door.code(door.send(*PLACE, json={})) == (403, "INSUFFICIENT_PERMISSION")


def test_the_closed_beta_can_be_had_as_a_whole(open_door: Any) -> None:
    """The options of that time make a free key read only, and give it no money."""
    era = {each.name: getattr(ERA_C, each.name) for each in fields(ERA_C)}
    door = open_door(**era)
    me = door.send("GET", "/v1/me", key="free_api_key").json()
    assert (me["permissions"], me["balance"]) == (["read"], "0.00")
    assert door.raw("GET", "/v1/markets").json() == {
        "error": "an API key is required in the X-API-Key header"
    }
