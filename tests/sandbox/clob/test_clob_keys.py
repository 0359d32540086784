"""Level-1 signatures and the credentials they bring."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from clob_door import Door

from polyspec.sandbox import Sandbox
from polyspec.sandbox.clob.options import ClobOptions

BAD_L1 = (401, {"error": "Invalid L1 Request headers"})


def create(door: Door, **changes: Any) -> tuple[int, Any]:
    """Ask for credentials with level-1 headers made with changes."""
    answer = door.raw("POST", "/auth/api-key", headers=door.level1(**changes))
    return answer.status_code, answer.json()


def test_credentials_follow_from_address_nonce_and_seed(door: Door, other: Door) -> None:
    """Another sandbox of the same seed makes the same ones; another nonce, address or seed does not."""
    made = [create(door)[1], create(door, nonce=7)[1], create(other)[1]]
    for seed, same in ((0, True), (1, False)):
        with Sandbox(venues=("clob",), quiet=True, port=False, clob=ClobOptions(seed=seed)) as again:
            opened = Door(again)
            assert (create(opened)[1] == made[0]) is same
            assert (create(opened, nonce=7)[1] == made[1]) is same
            opened.close()
    assert len({each["apiKey"] for each in made}) == len({each["secret"] for each in made}) == 3
    assert uuid.UUID(made[0]["apiKey"]).version == 4


def test_credentials_are_created_once(door: Door) -> None:
    """A second creation is refused; deriving tells the same credentials again."""
    made = create(door)[1]
    assert create(door) == (400, {"error": "Could not create api key"})
    derived = door.raw("GET", "/auth/derive-api-key", headers=door.level1())
    assert door.good(derived) == made


def test_nothing_is_derived_before_it_was_created(door: Door) -> None:
    """Neither for a fresh address nor for another nonce."""
    create(door)
    for nonce in (1, 2**31):
        answer = door.raw("GET", "/auth/derive-api-key", headers=door.level1(nonce))
        assert (answer.status_code, answer.json()) == (400, {"error": "Could not derive api key!"})


def test_deleted_credentials_are_gone_until_created_again(door: Door) -> None:
    """They open nothing and cannot be derived; created again they are the same."""
    made = dict(door.creds)
    assert door.delete("/auth/api-key") == "OK"
    assert door.send("GET", "/auth/api-keys").status_code == 401
    assert door.raw("GET", "/auth/derive-api-key", headers=door.level1()).status_code == 400
    assert create(door) == (200, made)


def test_keys_are_listed_for_either_signature(door: Door, other: Door) -> None:
    """The list takes level 2 and level 1, and knows one address only."""
    mine = [door.creds["apiKey"], create(door, nonce=3)[1]["apiKey"]]
    assert other.creds
    assert door.get("/auth/api-keys") == {"apiKeys": mine}
    answer = door.raw("GET", "/auth/api-keys", headers=door.level1(nonce=9))
    assert door.good(answer) == {"apiKeys": mine}


@pytest.mark.parametrize(
    "changes",
    [
        {"message": "This message attests that I control the given wallet."},
        {"message": ""},
        {"address": "0x70997970C51812dc3A010C7d01b50e0d17dc79C8"},
    ],
)
def test_what_is_signed_must_be_the_sentence_and_the_signer(door: Door, changes: dict[str, Any]) -> None:
    """Another sentence or another address is no level-1 signature."""
    assert create(door, **changes) == BAD_L1


@pytest.mark.parametrize(
    ("header", "value"),
    [
        ("POLY_ADDRESS", "0x70997970C51812dc3A010C7d01b50e0d17dc79C8"),
        ("POLY_ADDRESS", "0xF39fd6e51aad88F6F4ce6aB8827279cffFb92266"),
        ("POLY_ADDRESS", "f39Fd6e51aad88F6F4ce6aB8827279cffFb92266"),
        ("POLY_ADDRESS", None),
        ("POLY_NONCE", "1"),
        ("POLY_NONCE", "-1"),
        ("POLY_NONCE", None),
        ("POLY_TIMESTAMP", "soon"),
        ("POLY_TIMESTAMP", None),
        ("POLY_SIGNATURE", "0x"),
        ("POLY_SIGNATURE", "0x" + "11" * 65),
        ("POLY_SIGNATURE", "0x" + "00" * 64 + "1b"),
        ("POLY_SIGNATURE", "no hex"),
        ("POLY_SIGNATURE", None),
    ],
)
def test_every_level1_header_counts(door: Door, header: str, value: str | None) -> None:
    """A wrong or missing one is 401, in one text, with the cause in a header of the sandbox."""
    headers = {**door.level1(), header: value or ""}
    if value is None:
        del headers[header]
    answer = door.raw("POST", "/auth/api-key", headers=headers)
    assert (answer.status_code, answer.json()) == BAD_L1
    assert {"POLY_ADDRESS", "POLY_NONCE", "POLY_SIGNATURE", "timestamp"} & set(
        answer.headers["x-sandbox-why"].split()
    )


def test_addresses_may_be_spelt_in_lower_case(door: Door) -> None:
    """The address of level-1 headers is an address, whatever its case."""
    assert create(door, address=door.address.lower())[0] == 200


def test_v_may_not_be_a_bare_parity(door: Door) -> None:
    """The last byte of a signature is 27 or 28."""
    headers = door.level1()
    raw = bytearray.fromhex(headers["POLY_SIGNATURE"][2:])
    raw[64] -= 27
    headers["POLY_SIGNATURE"] = "0x" + raw.hex()
    assert door.raw("POST", "/auth/api-key", headers=headers).status_code == 401


@pytest.mark.parametrize(("offset", "good"), [(-59, True), (-62, False), (4, True), (7, False)])
def test_level1_timestamps_have_a_window(door: Door, offset: int, good: bool) -> None:
    """A minute back, five seconds ahead."""
    status, _ = create(door, timestamp=str(door.now + offset))
    assert status == (200 if good else 401)


# -- keys that come and go --


def test_fresh_keys_may_be_inactive_for_a_while(open_door: Any) -> None:
    """With a delay they are handed out at once and answer 401 until it has passed."""
    door = open_door(key_delay=30)
    assert door.creds
    refused = door.send("GET", "/data/orders")
    assert (refused.status_code, refused.json()) == (401, {"error": "Unauthorized/Invalid api key"})
    door.pass_time(31)
    assert door.get("/data/orders")["data"] == []


def test_keys_may_lapse_and_be_created_again(open_door: Any) -> None:
    """A key that has outlived its time is 401; deriving does not help, creating gives the same key anew."""
    door = open_door(key_life=600)
    made = dict(door.creds)
    door.pass_time(601)
    assert door.send("GET", "/data/orders").status_code == 401
    assert door.good(door.raw("GET", "/auth/derive-api-key", headers=door.level1())) == made
    assert door.send("GET", "/data/orders").status_code == 401
    assert create(door) == (200, made)
    assert door.send("GET", "/data/orders").status_code == 200


def test_credentials_may_fail_now_and_then(open_door: Any) -> None:
    """Every n-th signed request is 401 although nothing is wrong with it."""
    door = open_door(key_lapse_every=3)
    statuses = [door.send("GET", "/data/orders").status_code for _ in range(7)]
    assert statuses == [200, 200, 401, 200, 200, 401, 200]


# -- other keys --


def test_readonly_keys_read_and_do_no_more(door: Door, other: Door) -> None:
    """Such a key opens what its maker may read, for its own address, and places nothing."""
    order_id = door.place()["orderID"]
    key = door.post("/auth/readonly-api-key", {})["apiKey"]
    assert door.get("/auth/readonly-api-keys") == [key]
    headers = {"POLY_READONLY_API_KEY": key, "POLY_ADDRESS": door.address}
    read = door.good(door.raw("GET", "/data/orders", headers=headers))
    assert [each["id"] for each in read["data"]] == [order_id]
    assert door.raw("DELETE", "/cancel-all", headers=headers).status_code == 401
    assert (
        door.raw("GET", "/data/orders", headers={**headers, "POLY_ADDRESS": other.address}).status_code == 401
    )
    told = {"address": door.address, "key": key}
    assert door.public("/auth/validate-readonly-api-key", **told) == "OK"
    assert door.send("DELETE", "/auth/readonly-api-key", {"key": key}).json() is True
    assert door.raw("GET", "/auth/validate-readonly-api-key", params=told).status_code == 404
    assert door.raw("GET", "/data/orders", headers=headers).status_code == 401


def test_builder_keys_can_be_revoked_by_themselves(door: Door) -> None:
    """They sign with headers of their own, and are told among the keys of their maker ever after."""
    made = door.post("/auth/builder-api-key", {})
    assert set(made) == {"key", "secret", "passphrase"}
    assert [set(each) for each in door.get("/auth/builder-api-key")] == [{"key", "createdAt"}]
    assert door.good(door.raw("DELETE", "/auth/builder-api-key", headers=builder(door, made))) == "OK"
    assert door.get("/auth/builder-api-key")[0]["revokedAt"]
    again = door.raw("DELETE", "/auth/builder-api-key", headers=builder(door, made))
    assert (again.status_code, again.json()["error"]) == (401, "Unauthorized/Invalid api key")


def test_builder_keys_can_be_revoked_with_level2(door: Door) -> None:
    """With the maker's own credentials the only key is meant; with none or two nobody knows which."""
    refusal = (400, {"error": "Invalid revoke builder api key body"})
    answer = door.send("DELETE", "/auth/builder-api-key")
    assert (answer.status_code, answer.json()) == refusal
    door.post("/auth/builder-api-key", {})
    assert door.delete("/auth/builder-api-key") == "OK"
    for _ in range(2):
        door.post("/auth/builder-api-key", {})
    answer = door.send("DELETE", "/auth/builder-api-key")
    assert (answer.status_code, answer.json()) == refusal


@pytest.mark.parametrize(
    "changes",
    [
        {"POLY_BUILDER_PASSPHRASE": "x"},
        {"POLY_BUILDER_SIGNATURE": "AAAA"},
        {"POLY_BUILDER_TIMESTAMP": "1"},
        {"POLY_BUILDER_API_KEY": str(uuid.uuid4())},
    ],
)
def test_every_builder_header_counts(door: Door, changes: dict[str, str]) -> None:
    """A wrong one is 401 and revokes nothing."""
    made = door.post("/auth/builder-api-key", {})
    headers = {**builder(door, made), **changes}
    assert door.raw("DELETE", "/auth/builder-api-key", headers=headers).status_code == 401
    assert "revokedAt" not in door.get("/auth/builder-api-key")[0]


def builder(door: Door, key: dict[str, str]) -> dict[str, str]:
    """Return builder headers for revoking."""
    from clob_door import hmac_of

    stamp = str(door.now)
    return {
        "POLY_BUILDER_API_KEY": key["key"],
        "POLY_BUILDER_PASSPHRASE": key["passphrase"],
        "POLY_BUILDER_TIMESTAMP": stamp,
        "POLY_BUILDER_SIGNATURE": hmac_of(key["secret"], stamp, "DELETE", "/auth/builder-api-key", b""),
    }
