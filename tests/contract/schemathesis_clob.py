"""The CLOB of the sandbox held to its spec: schemathesis makes the requests, signed, and the spec judges."""

from __future__ import annotations

import itertools
import json
import zlib
from collections import defaultdict
from collections.abc import Iterator
from typing import Any, Final

import pytest
import schemathesis

from polyspec.sandbox import Sandbox
from tests.contract.fuzzing import CHECKS, Known, Sent, enrich, loaded
from tests.contract.judging import answer_findings, body_findings
from tests.contract.partner import BASE, ClobPartner
from tests.contract.spec import CLOB, Operation
from tests.contract.verdicts import Verdict, worst
from tests.sandbox.clob.clob_door import Door, hmac_of

OPERATIONS: Final = CLOB.operations
# Operations without rules beyond their schema: whatever is read is answered with 200.
ALWAYS: Final = {
    "Health_CheckHealth",
    "Health_GetOk",
    "Health_GetServerTime",
    "Health_GetVersion",
    "Auth_GetApiKeys",
    "Auth_GetClosedOnlyMode",
    "Auth_CreateReadonlyApiKey",
    "Auth_GetReadonlyApiKeys",
    "Auth_CreateBuilderApiKey",
    "Auth_GetBuilderApiKeys",
    "Auth_DeleteApiKey",
    "Auth_RevokeBuilderApiKey",
    "Orders_CancelAll",
    "Orders_PostLegacyHeartbeat",
    "Rfq_GetConfig",
}
# Answered with 400 whatever is asked, as the venue does; or with 501, as nobody knows what with.
NEVER: Final = {
    "Books_GetOrderBooksByQuery": 400,
    "Books_GetMidpointsByQuery": 400,
    "Books_GetPricesByQuery": 400,
    "Books_GetLastTradesPricesByQuery": 400,
    "Books_GetOHLC": 501,
    "Books_GetOrderbookHistory": 501,
}
# What needs an order of the first version signed for the quote at hand.
NEED_A_STORY: Final = {"Rfq_AcceptQuote", "Rfq_ApproveOrder"}
# What the venue's first client writes for nothing, against its own document.
THEIRS: Final = {b'"heartbeat_id": null': b'"heartbeat_id": ""', b'"side": ""': b'"side": "BUY"'}
# Filters that do not matter here, as nobody has earned anything: what is wrong with them is passed over.
PASSED_OVER: Final = {"boolean", "number"}

KNOWN: Known = {}
schema = loaded(CLOB)
enrich(schema, KNOWN)


class Fuzzer(ClobPartner):
    """Signs whatever schemathesis makes, and always has something left to delete."""

    def __init__(self, sandbox: Sandbox) -> None:
        super().__init__(sandbox)
        self._nonces = itertools.count(1)
        self._own = itertools.count(10**6)

    def signed(self, operation: Operation, path: str, raw: bytes) -> dict[str, str]:
        """Return the headers of a level, with keys nobody else uses for what ends them."""
        door = self.door
        if operation.id in ("Auth_DeleteApiKey", "Orders_PostHeartbeat"):
            # the one ends its key, the other begins something that only a fresh key can begin
            headers = door.level1(next(self._own))
            creds = door.good(door.raw("POST", "/auth/api-key", headers=headers))
            return door.level2(operation.method, path, raw, **creds)
        if operation.id == "Auth_RevokeBuilderApiKey":
            made, stamp = door.post("/auth/builder-api-key", None), str(door.now)
            return {
                "POLY_BUILDER_API_KEY": made["key"],
                "POLY_BUILDER_PASSPHRASE": made["passphrase"],
                "POLY_BUILDER_TIMESTAMP": stamp,
                "POLY_BUILDER_SIGNATURE": hmac_of(made["secret"], stamp, operation.method, path, raw),
            }
        if operation.id == "Auth_CreateApiKey":
            return door.level1(next(self._nonces))
        return super().signed(operation, path, raw)


@pytest.fixture(scope="module")
def partner() -> Iterator[Fuzzer]:
    """A trader with something of everything to find: orders, trades, keys, requests, quotes."""
    with Sandbox(venues=["clob"], port=False, quiet=True, rate_limits=False) as sandbox:
        made, other = Fuzzer(sandbox), Door(sandbox, 1)
        _furnish(made.door, other)
        yield made
        TRADERS.clear()
        made.close()
        other.close()


TRADERS: list[Door] = []
SENSIBLE: dict[str, Any] = {}
"""Whole bodies and queries of operations whose parts have to agree."""


def _furnish(door: Door, other: Door) -> None:
    TRADERS.append(door)
    token, second = door.venue.token_ids[:2]
    market = door.world.listing_of(token).condition_id
    code = "0x" + "c0de" * 16
    for side, price in (("BUY", "0.40"), ("SELL", "0.60")):
        other.place(side, price, "400", builder=code)
    placed = [door.place("BUY", price, "10")["orderID"] for price in ("0.60", "0.50", "0.45")]
    asked = {"assetIn": token, "assetOut": "0", "amountIn": "20000000", "amountOut": "9000000", "userType": 0}
    requests = [door.post("/rfq/request", asked)["requestId"] for _ in range(6)]
    quoted = {**asked, "assetIn": "0", "assetOut": token, "amountIn": "9000000", "amountOut": "20000000"}
    foreign = other.post("/rfq/request", asked)["requestId"]
    quotes = [door.post("/rfq/quote", {**quoted, "requestId": foreign})["quoteId"] for _ in range(6)]
    readers = [door.post("/auth/readonly-api-key", None)["apiKey"] for _ in range(6)]
    SENSIBLE.update(
        Rfq_CreateRequest=asked,
        Rfq_CreateQuote={**quoted, "requestId": foreign},
        Books_GetPricesHistory={"market": token, "interval": "1d"},
        Rfq_CancelRequest={"requestId": requests[0]},
        Rfq_CancelQuote={"quoteId": quotes[0]},
        Auth_DeleteReadonlyApiKey={"key": readers[0]},
        Markets_GetLiveActivities=[market],
    )
    moments = [str(door.now), "0", "9999999999", str(door.now * 1000)]
    numbers = [0, 1, 10, -1, 1000, 1001, 2**31 - 1]
    KNOWN.update(
        token_id=[token, second, token, door.venue.neg_risk_token_ids[0], "12"],
        condition_id=[market, "0x" + "1" * 64],
        market=[market, token, token],
        markets=[market, token],
        id=[placed[0], door.get("/data/trades")["data"][0]["id"]],
        orderID=[*placed, "0x" + "1" * 64],
        builder_code=[code, "0x" + "2" * 64],
        next_cursor=["MA==", "LTE=", "MQ==", "OTk5", "eA==", ""],
        maker_address=[door.address, other.address, "0x1"],
        address=[door.address],
        key=readers,
        signature_type=[0, 1, 2, 3, 4, "0"],
        date=["2026-10-01", "2026-02-30", "0001-01-01", "9999-12-31"],
        ids=["1", "2", "999999", "x"],
        before=moments,
        after=moments,
        startTs=moments,
        endTs=moments,
        interval=["1d", "max", "1m"],
        fidelity=[10, 60, 1, 0],
        limit=numbers,
        page_size=numbers,
        heartbeat_id=["", "x"],
        order_by=["spread", "taste"],
        sortBy=["price", "expiry", "size", "created"],
        sortDir=["asc", "desc"],
        state=["active", "inactive"],
        requestId=[*requests, *[foreign] * 6],
        quoteId=quotes,
        assetIn=[token, "0"],
        assetOut=["0", token],
        amountIn=["20000000", "9000000"],
        amountOut=["9000000", "20000000"],
        userType=[0, 1, 2, 3],
        sizeMin=["0.5", "1e2", "x"],
        expiration=["0", 0],
        owner=[door.creds["apiKey"]],
    )
    KNOWN.update(
        token_ids=KNOWN["token_id"],
        asset_id=KNOWN["token_id"],
        order_id=KNOWN["orderID"],
        order_ids=KNOWN["orderID"],
        offset=KNOWN["next_cursor"],
        requestIds=[requests[0], foreign],
        quoteIds=quotes[:2],
        start_ts=[door.now, 0],
        end_ts=[door.now, 0],
        **{"": [placed[0], market]},
    )


@schema.hook
def map_body(context: Any, body: Any) -> Any:
    """Sign most orders that are there, and send what makes sense as a whole: no fuzzer comes by either."""
    known = _sensible(context, body)
    if known is not None:
        return known
    return [_signed(each) for each in body] if isinstance(body, list) else _signed(body)


@schema.hook
def map_query(context: Any, query: Any) -> Any:
    """Ask what makes sense as a whole."""
    known = _sensible(context, query)
    return query if known is None else known


def _sensible(context: Any, made: Any) -> Any:
    known = SENSIBLE.get(context.operation.definition.raw["operationId"])
    agreed = type(made) is type(known) and zlib.crc32(repr(made).encode()) % 2
    return known if agreed else None


def _signed(sent: Any) -> Any:
    draw = zlib.crc32(repr(sent).encode())
    if not isinstance(sent, dict) or not isinstance(sent.get("order"), dict) or draw % 4 == 0:
        return sent
    (door,), venue = TRADERS, TRADERS[0].venue
    tokens = [*venue.token_ids[:4], venue.neg_risk_token_ids[0], venue.position_ids[0]]
    order = door.order(
        ("BUY", "SELL")[draw // 4 % 2],
        ("0.1", "0.3", "0.5", "0.6", "0.601")[draw // 8 % 5],
        ("10", "5", "4", "7.5")[draw // 64 % 4],
        token=tokens[draw // 256 % len(tokens)],
        kind=draw // 2048 % 4,
    )
    return {**sent, "order": order, "owner": door.creds["apiKey"]}


# -- the judgement --


def made_of(operation: Operation, sent: Sent) -> Verdict:
    """Tell whether a request is one the spec has; what readers pass over does not count."""
    if body_findings(operation, sent.body, closed=False):
        body = sent.body
        for theirs, meant in THEIRS.items():
            body = body.replace(theirs, meant)
        return "bad" if body_findings(operation, body, closed=False) else "open"
    verdicts = sent.query_verdicts(operation)
    for name, parameter in operation.query.items():
        if CLOB.resolved(parameter["schema"])["type"] in PASSED_OVER and verdicts[name] == "bad":
            verdicts[name] = "open"
    return worst(list(verdicts.values()))


def judge(sent: Sent) -> None:
    """Fail unless the answer is one the spec and the venue allow for the request."""
    operation, status = sent.operation, sent.status
    if operation is None:
        sent.judge_stray()
        assert json.loads(sent.answer).keys() == {"error"}, sent
        return
    assert answer_findings(operation, status, sent.answer) == [], sent
    allowed = {200, 400, 404} if operation.id not in NEVER else {NEVER[operation.id], 400}
    assert status in allowed, sent
    if status != 200:
        told = json.loads(sent.answer)
        assert told.get("error") or told.get("error_msg"), sent
    made = made_of(operation, sent)
    if made == "bad":
        assert status in (400, 404), f"taken although the spec refuses it: {sent}"
    if made == "good":
        assert operation.id not in ALWAYS or status == 200, sent
    SEEN[operation.id].add((made, status))


SEEN: dict[str, set[tuple[Verdict, int]]] = defaultdict(set)


@schema.parametrize()
def test_answers_are_what_the_spec_says(case: schemathesis.Case, partner: Fuzzer) -> None:
    """Whatever is sent, good or bad, status, type and shape of the answer are the right documented ones."""
    operation = OPERATIONS[case.operation.definition.raw["operationId"]]
    response = case.call(base_url=BASE, session=partner.session, auth=partner.auth(operation))
    judge(Sent(CLOB, response))
    case.validate_response(response, checks=CHECKS)


def test_every_operation_was_read_and_refused() -> None:
    """The requests made were worth making: each operation took some and refused what it could refuse."""
    if len(SEEN) < len(OPERATIONS):
        pytest.skip("only some operations were called")
    served = OPERATIONS.keys() - NEED_A_STORY - NEVER.keys()
    never_read = sorted(name for name in served if ("good", 200) not in SEEN[name])
    assert not never_read, never_read
    assert not [name for name, status in NEVER.items() if ("good", status) not in SEEN[name]]
    with_body = {name for name, operation in OPERATIONS.items() if operation.body is not None}
    never_bad = sorted(name for name in with_body if not any(kind == "bad" for kind, _ in SEEN[name]))
    assert not never_bad, never_bad
