"""The sandbox's CLOB asks of every operation the headers its ``security`` in the spec names, no others."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator
from typing import Any

import pytest
import requests  # noqa: TID251 - another library than the client's

from polyspec.sandbox import Sandbox
from tests.contract.judging import answer_findings
from tests.contract.partner import ClobPartner
from tests.contract.spec import CLOB, Operation
from tests.sandbox.clob.clob_door import Door, hmac_of

WORDS = {"l1": "Invalid L1 Request headers", "l2": "Unauthorized/Invalid api key"}
STRANGER = "5e0f8a4c-0000-4000-8000-000000000000"
NONCES = itertools.count(100)
SCHEMES = CLOB.document["components"]["securitySchemes"]


def operations(*schemes: str) -> list[Any]:
    """Return the operations whose alternatives are these, in this order."""
    return [
        pytest.param(each, id=each.id)
        for each in CLOB.operations.values()
        if [name for alternative in each.security for name in alternative] == list(schemes)
    ]


LEVEL2 = [*operations("l2"), *operations("l2", "l1"), *operations("l2", "builder")]


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    """A quiet sandbox in process, without rate limits."""
    with Sandbox(venues=["clob"], port=False, quiet=True, rate_limits=False) as running:
        yield running


@pytest.fixture(scope="module")
def partner(sandbox: Sandbox) -> Iterator[ClobPartner]:
    """The first of the funded keys."""
    made = ClobPartner(sandbox)
    yield made
    made.close()


@pytest.fixture(scope="module")
def other(sandbox: Sandbox) -> Iterator[Door]:
    """The second of the funded keys."""
    door = Door(sandbox, 1)
    assert door.creds
    yield door
    door.close()


class Asking:
    """A request that is good but for its headers."""

    def __init__(self, operation: Operation) -> None:
        self.operation = operation
        self.method, self.path = operation.method, operation.filled("0x" + "1" * 64)
        self.raw = b"" if operation.body is None else json.dumps(operation.example).encode()

    def level2(self, door: Door, **changes: Any) -> dict[str, str]:
        """Sign it, with changes to what is signed."""
        signed = {"method": self.method, "path": self.path, "body": self.raw, **changes}
        return door.level2(signed.pop("method"), signed.pop("path"), signed.pop("body"), **signed)

    def send(self, partner: ClobPartner, headers: dict[str, str]) -> requests.Response:
        """Send it."""
        query = {name: "1" for name, each in self.operation.query.items() if each.get("required")}
        return partner.send(self.method, self.path, params=query, data=self.raw or None, headers=headers)

    def refused(self, partner: ClobPartner, headers: dict[str, str], words: str) -> None:
        """Fail unless it is refused with these headers, in the shape of the spec."""
        answer = self.send(partner, headers)
        assert (answer.status_code, answer.json()) == (401, {"error": words}), (headers, answer.text)
        assert answer_findings(self.operation, 401, answer.content) == []


def fresh(door: Door) -> dict[str, str]:
    """Return credentials nobody else uses, for what may delete them."""
    made: dict[str, str] = door.good(door.raw("POST", "/auth/api-key", headers=door.level1(next(NONCES))))
    return made


def wrong_level2(ask: Asking, door: Door, other: Door) -> Iterator[dict[str, str]]:
    """Yield everything that can be wrong with level-2 headers."""
    right = ask.level2(door)
    for name in right:
        yield {each: text for each, text in right.items() if each != name}
        yield {**right, name: ""}
    yield {**right, "POLY_API_KEY": STRANGER}
    yield {**right, "POLY_API_KEY": other.creds["apiKey"]}
    yield {**right, "POLY_ADDRESS": other.address}
    yield {**right, "POLY_PASSPHRASE": other.creds["passphrase"]}
    yield {**right, "POLY_SIGNATURE": right["POLY_SIGNATURE"].rstrip("=")}
    yield {**right, "POLY_TIMESTAMP": str(int(right["POLY_TIMESTAMP"]) - 1)}
    yield {**right, "POLY_TIMESTAMP": f"{right['POLY_TIMESTAMP']}000"}
    yield ask.level2(door, timestamp=door.now - 90)
    yield ask.level2(door, timestamp=door.now + 90)
    yield ask.level2(door, secret=other.creds["secret"])
    yield ask.level2(door, method="PATCH")
    yield ask.level2(door, method=ask.method.lower())
    yield ask.level2(door, path=f"{ask.path}?a=1")
    yield ask.level2(door, path="/elsewhere")
    yield ask.level2(door, body=ask.raw + b" ")


@pytest.mark.parametrize("operation", LEVEL2)
def test_wrong_level2_headers_get_nowhere(
    partner: ClobPartner, other: Door, sandbox: Sandbox, operation: Operation
) -> None:
    """A header missing, of somebody else, too old or over something else is 401, and changes nothing."""
    ask, door = Asking(operation), partner.door
    assert door.creds
    exchange = sandbox.clob_venue.world.exchange
    before = (exchange.state_hash(), door.get("/auth/api-keys"), door.get("/auth/readonly-api-keys"))
    for headers in wrong_level2(ask, door, other):
        # whoever shows no API key where a wallet will do is taken for one
        level = "l1" if "l1" in operation.schemes and "POLY_API_KEY" not in headers else "l2"
        ask.refused(partner, headers, WORDS[level])
    after = (exchange.state_hash(), door.get("/auth/api-keys"), door.get("/auth/readonly-api-keys"))
    assert after == before


@pytest.mark.parametrize("operation", LEVEL2)
def test_right_level2_headers_are_enough(partner: ClobPartner, operation: Operation) -> None:
    """The five headers the spec describes are never told that something of them is wrong."""
    ask = Asking(operation)
    answer = ask.send(partner, ask.level2(partner.door, **fresh(partner.door)))
    assert answer.status_code not in (401, 403), answer.text
    assert answer_findings(operation, answer.status_code, answer.content) == []


@pytest.mark.parametrize("operation", LEVEL2)
def test_a_wallet_signature_is_no_level2(partner: ClobPartner, operation: Operation) -> None:
    """Level-1 headers open what the spec says they do, and nothing else of level 2."""
    ask = Asking(operation)
    if "l1" in operation.schemes:
        assert ask.send(partner, partner.door.level1()).status_code == 200
    else:
        ask.refused(partner, partner.door.level1(), WORDS["l2"])


@pytest.mark.parametrize("operation", LEVEL2)
def test_read_only_keys_read(partner: ClobPartner, other: Door, operation: Operation) -> None:
    """A read-only key with its wallet's address reads whatever level 2 reads, and does nothing else."""
    ask, door = Asking(operation), partner.door
    key = door.post("/auth/readonly-api-key", None)["apiKey"]
    headers = {"POLY_READONLY_API_KEY": key, "POLY_ADDRESS": door.address}
    words = WORDS["l1" if "l1" in operation.schemes else "l2"]
    if operation.method == "GET":
        assert ask.send(partner, headers).status_code not in (401, 403)
        for wrong in ({"POLY_READONLY_API_KEY": STRANGER}, {"POLY_ADDRESS": other.address}):
            ask.refused(partner, {**headers, **wrong}, WORDS["l2"])
        door.delete("/auth/readonly-api-key", {"key": key})
        ask.refused(partner, headers, WORDS["l2"])
    else:
        ask.refused(partner, headers, words)


@pytest.mark.parametrize("operation", LEVEL2)
def test_builders_have_no_account(partner: ClobPartner, operation: Operation) -> None:
    """Builder headers are taken where the spec lists them, if all four are right, and nowhere else."""
    ask, door = Asking(operation), partner.door
    made = door.post("/auth/builder-api-key", None)
    stamp = str(door.now)
    headers = {
        "POLY_BUILDER_API_KEY": made["key"],
        "POLY_BUILDER_PASSPHRASE": made["passphrase"],
        "POLY_BUILDER_TIMESTAMP": stamp,
        "POLY_BUILDER_SIGNATURE": hmac_of(made["secret"], stamp, ask.method, ask.path, ask.raw),
    }
    assert set(headers) == {SCHEMES["builder"]["name"], *_named("builder")}
    if "builder" not in operation.schemes:
        ask.refused(partner, headers, WORDS["l1" if "l1" in operation.schemes else "l2"])
        return
    for name, text in headers.items():
        for wrong in (STRANGER, text[:-1]):
            ask.refused(partner, {**headers, name: wrong}, WORDS["l2"])
        ask.refused(partner, {each: headers[each] for each in headers if each != name}, WORDS["l2"])
    assert ask.send(partner, headers).status_code == 200
    ask.refused(partner, headers, WORDS["l2"])


def _named(scheme: str) -> set[str]:
    """Return the headers a scheme's description names beside its own."""
    return {each for each in SCHEMES[scheme]["description"].split("`") if each.startswith("POLY_")}


@pytest.mark.parametrize("scheme", ["l1", "l2"])
def test_headers_are_those_of_the_spec(partner: ClobPartner, scheme: str) -> None:
    """What these tests send and leave out is what the spec names."""
    sent = partner.door.level1() if scheme == "l1" else partner.door.level2("GET", "/time")
    assert sent.keys() == {SCHEMES[scheme]["name"], *_named(scheme)}


def wrong_level1(door: Door, other: Door) -> Iterator[dict[str, str]]:
    """Yield everything that can be wrong with level-1 headers."""
    right, foreign = door.level1(), other.level1()
    for name in right:
        yield {each: text for each, text in right.items() if each != name}
        yield {**right, name: ""}
    yield {**right, "POLY_ADDRESS": other.address}
    yield {**right, "POLY_SIGNATURE": foreign["POLY_SIGNATURE"]}
    yield {**right, "POLY_NONCE": "1"}
    yield {**right, "POLY_NONCE": "-1"}
    yield {**right, "POLY_TIMESTAMP": str(int(right["POLY_TIMESTAMP"]) - 1)}
    yield door.level1(timestamp=str(door.now - 90))
    yield door.level1(timestamp=str(door.now + 90))
    yield door.level1(message="Something else")
    yield door.level2("POST", "/auth/api-key")
    yield door.level2("GET", "/auth/derive-api-key")


@pytest.mark.parametrize("operation", operations("l1"))
def test_wrong_level1_headers_get_nowhere(partner: ClobPartner, other: Door, operation: Operation) -> None:
    """A header missing, of somebody else, too old or over another sentence is 401, level 2 among them."""
    ask = Asking(operation)
    assert partner.door.creds
    before = partner.door.get("/auth/api-keys")
    for headers in wrong_level1(partner.door, other):
        ask.refused(partner, headers, WORDS["l1"])
    assert partner.door.get("/auth/api-keys") == before


@pytest.mark.parametrize("operation", operations())
def test_open_operations_ask_for_nothing(partner: ClobPartner, operation: Operation) -> None:
    """What is open answers alike without headers, with wrong ones, and with those of either level."""
    ask, door = Asking(operation), partner.door
    nonsense = {"POLY_ADDRESS": "nobody", "POLY_API_KEY": STRANGER, "POLY_SIGNATURE": "x"}
    answers = [
        ask.send(partner, headers).status_code
        for headers in ({}, nonsense, door.level1(), ask.level2(door), {"POLY_READONLY_API_KEY": "x"})
    ]
    assert len(set(answers)) == 1
    assert answers[0] not in (401, 403)


def test_credentials_of_deleted_keys_are_dead(partner: ClobPartner) -> None:
    """A deleted key opens nothing any more, while its wallet goes on to sign for others."""
    door, ask = partner.door, Asking(CLOB.operations["Auth_DeleteApiKey"])
    creds = fresh(door)
    assert ask.send(partner, ask.level2(door, **creds)).status_code == 200
    ask.refused(partner, ask.level2(door, **creds), WORDS["l2"])
    left = Asking(CLOB.operations["Auth_GetApiKeys"]).send(partner, door.level1()).json()["apiKeys"]
    assert creds["apiKey"] not in left
