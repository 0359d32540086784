"""The sandbox held to the spec: schemathesis makes the requests, the spec alone judges the answers.

``POLYSPEC_CONTRACT_EXAMPLES`` sets how many random requests each operation gets, beside those schemathesis
derives from every keyword of the spec. They are the same each time unless ``POLYSPEC_CONTRACT_SEED`` is a
number.
"""

from __future__ import annotations

import json
import os
import re
import zlib
from collections import defaultdict
from collections.abc import Iterator
from typing import Any, Final
from urllib.parse import parse_qsl, urlsplit

import pytest
import schemathesis
from hypothesis import strategies as st
from schemathesis.checks import load_all_checks
from schemathesis.core.transport import Response
from schemathesis.schemas import BaseSchema

from polyspec.sandbox import Sandbox
from tests.contract.partner import BASE, Partner
from tests.contract.spec import (
    DOCUMENT,
    OPERATIONS,
    Operation,
    Verdict,
    answer_findings,
    body_verdict,
    find,
    query_verdict,
    resolved,
)

EXAMPLES: Final = int(os.environ.get("POLYSPEC_CONTRACT_EXAMPLES", "25"))
SEED: Final = os.environ.get("POLYSPEC_CONTRACT_SEED", "")

# HTTP statuses of gRPC codes; 464 is the gateway's own
CODES: Final = {
    400: {3, 9},
    401: {16},
    403: {7},
    404: {5},
    405: {12},
    409: {6, 10},
    413: {3},
    429: {8},
    500: {13},
    501: {12},
}
# what a message says when the request was not even read
UNREAD: Final = re.compile(r"malformed JSON|missing required|invalid value for|.*expected object, got")
# operations without rules beyond their schema: whatever is read is answered with 200
ALWAYS: Final = {
    "HealthAPI_HealthCheck",
    "AccountsAPI_GetWhoAmI",
    "UsersAPI_ListUsers",
    "RefDataAPI_ListSymbols",
    "RefDataAPI_GetInstrumentMetadata",
    "OrderEntryAPI_GetOpenOrders",
    "ReportAPI_DownloadOrders",
    "ReportAPI_DownloadExecutions",
    "ReportAPI_DownloadTrades",
    "ComboAPI_GetCombos",
    "RFQAPI_GetRFQUserID",
    "ValuationAPI_DownloadAccountStatement",
}
# good requests answered like this are not served at all
UNSERVED: Final[set[tuple[Verdict, int]]] = {("good", 501)}
# what needs a story rather than a request, and what is off as in pre-production
NEED_A_STORY: Final = {
    "IncentivesAPI_GetIncentivesEarned",
    "OAuth_RequestToken",
    "ComboAPI_CreateCombo",
    "RFQAPI_CreateRFQ",
    "RFQAPI_DeleteRFQ",
    "RFQAPI_CreateQuote",
    "RFQAPI_DeleteQuote",
    "RFQAPI_AcceptQuote",
    "RFQAPI_ConfirmQuote",
}

schemathesis.openapi.format("int64", st.integers(-(2**63), 2**63 - 1).map(str))
schemathesis.openapi.format("decimal", st.decimals(-(10**6), 10**6, places=4).map("{:f}".format))
CHECKS: Final = [
    check
    for check in load_all_checks() or schemathesis.checks.CHECKS.get_all()
    if check.__name__ in ("status_code_conformance", "content_type_conformance", "unsupported_method")
]


def loaded() -> BaseSchema:
    """Load the spec, its 32-bit integers with the bounds they have."""
    document = json.loads(json.dumps(DOCUMENT), object_hook=_bounded)
    config = schemathesis.Config.from_dict(
        {
            "generation": {
                "mode": "all",
                "max-examples": EXAMPLES,
                "deterministic": not SEED,
                "database": "none",
                "with-security-parameters": False,
            },
            "phases": {"stateful": {"enabled": False}},
            **({"seed": int(SEED)} if SEED else {}),
        }
    )
    return schemathesis.openapi.from_dict(document, config=config)


def _bounded(node: dict[str, Any]) -> dict[str, Any]:
    if node.get("type") == "integer" and node.get("format") == "int32":
        return {**node, "minimum": -(2**31), "maximum": 2**31 - 1}
    return node


schema = loaded()


# -- values that mean something to the sandbox --


@pytest.fixture(scope="module")
def partner() -> Iterator[Partner]:
    """A partner with something of everything to find: orders, trades, a combo, a request for quotes."""
    with Sandbox(port=False, quiet=True, rate_limits=False) as sandbox:
        made = Partner(sandbox)
        _furnish(made)
        yield made


KNOWN: dict[str, list[Any]] = {}


def _furnish(partner: Partner) -> None:
    world = partner.venue.world
    headers = partner.headers({"accessToken", "participantId"})
    other = partner.headers({"accessToken", "participantId"}, participant=world.counterparty.name)

    def post(path: str, body: Any, headers: dict[str, str] = headers) -> Any:
        answer = partner.send("POST", path, json=body, headers=headers)
        assert answer.status_code == 200, answer.text
        return answer.json()

    first, second = partner.venue.symbols[:2]
    order = {
        "symbol": first,
        "side": "SIDE_BUY",
        "type": "ORDER_TYPE_LIMIT",
        "timeInForce": "TIME_IN_FORCE_GOOD_TILL_CANCEL",
        "orderQty": 100,
        "price": 500,
    }
    orders = [post("/v1/trading/orders", {**order, "clordId": f"known-{n}"})["orderId"] for n in range(3)]
    post("/v1/trading/orders", {**order, "side": "SIDE_SELL", "orderQty": 150}, other)
    executions = post("/v1/report/executions/search", {})["executions"]
    trades = post("/v1/report/trades/search", {})["trade"]
    legs = [{"symbol": first, "side": "SIDE_BUY"}, {"symbol": second, "side": "SIDE_SELL"}]
    combo = post("/v1/combos", {"legs": legs})["combo"]["id"]
    rfq = {"symbol": combo, "restRemainder": False, "account": partner.venue.account, "qtyDecimal": "5"}
    asked = post("/v1/rfqs", rfq)["rfqId"]
    quote = {
        "rfqId": asked,
        "buyPrice": "0.5",
        "sellPrice": "0",
        "restRemainder": False,
        "account": world.counterparty.accounts[0],
    }
    quoted = post("/v1/rfqs/quotes", quote, other)["quoteId"]
    person = OPERATIONS["KYCAPI_StartKYCVerification"].example
    post("/v1/kyc/start", {**person, "external_id": "customer-1"})
    phone = OPERATIONS["KYCAPI_StartKYCPrefill"].example
    post("/v1/kyc/prefill", {**phone, "user_id": "customer-1"})
    KNOWN.update(
        symbol=[first, second, combo, *list(world.listings)[-3:]],
        account=[partner.venue.account, world.counterparty.accounts[0], world.maker.accounts[0]],
        user=[partner.venue.participant_id, world.counterparty.name],
        orderId=orders,
        clordId=["known-0", "known-1", "fresh"],
        execId=[each["id"] for each in executions],
        tradeId=[each["id"] for each in trades],
        rfqId=[asked],
        quoteId=[quoted],
        price=[500, "500", "-1", 0],
        orderQty=[10, "25", 0],
        pageSize=[1, 2, 1000, 1001, -1],
        limit=[1, 100, 101],
        where=["symbol = 'a'", "state LIKE 'INSTRUMENT%' AND product_id = 'x'", "outcome_type = 'a'", "("],
        moment=["2026-10-01T00:00:00Z", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z"],
        day=["2026-10-01", "2026-02-30", "0001-01-01"],
        url=["http://127.0.0.1:9/", "http://[::1", "http://127.0.0.1:99999/", "http://127.0.0.1:9/\u00e9 x"],
        externalId=["customer-1", "customer 2", "\u00e9" * 49],
        qtyDecimal=["5", "0.0001", "0", "-1"],
        buyPrice=["0.5", "0", "1", "-0.5"],
    )
    KNOWN.update(
        name=KNOWN["account"],
        accounts=KNOWN["account"],
        symbols=KNOWN["symbol"],
        order_id=orders,
        exec_id=KNOWN["execId"],
        execIds=KNOWN["execId"],
        id=[partner.venue.account, partner.venue.account.rpartition("/")[2]],
        accountIds=[partner.venue.account],
        external_id=KNOWN["externalId"],
        user_id=KNOWN["externalId"],
        whereClause=KNOWN["where"],
        webhook_url=KNOWN["url"],
        sellPrice=KNOWN["buyPrice"],
        cashOrderQty=KNOWN["qtyDecimal"],
        date_of_birth=["1985-10-02", *KNOWN["day"]],
        ssn=["123456789"],
        email=["a@example.com", "reject@example.com"],
        phone_number=["+14155551212", "12067890036"],
        state=["NY"],
        postal_code=["10001"],
        otp=["123456", "000000"],
    )
    for end in ("startTime", "endTime", "goodTillTime", "asOfTime"):
        KNOWN[end] = KNOWN["moment"]
    for end in ("startTimeGte", "startTimeLte", "endTimeGte", "endTimeLte", "startDate", "endDate"):
        KNOWN[end] = KNOWN["day"]


def enriched(value: Any, name: str = "", place: int = 0) -> Any:
    """Put something known in the place of most scalars that have a telling name."""
    if isinstance(value, dict):
        return {key: enriched(each, key, place) for key, each in value.items()}
    if isinstance(value, list):
        return [enriched(each, name, index) for index, each in enumerate(value)]
    draw = zlib.crc32(repr((name, value)).encode())
    if name not in KNOWN or not isinstance(value, str | int) or isinstance(value, bool) or draw % 4 == 0:
        return value
    choices = KNOWN[name]
    return choices[(draw // 4 + place) % len(choices)]


@schema.hook
def map_body(context: Any, body: Any) -> Any:
    """Enrich bodies."""
    return enriched(body)


@schema.hook
def map_query(context: Any, query: Any) -> Any:
    """Enrich queries."""
    return enriched(query)


@schema.hook
def map_path_parameters(context: Any, path_parameters: Any) -> Any:
    """Enrich paths."""
    return enriched(path_parameters)


# -- the judgement --


class Sent:
    """A request as it left, whatever it was meant to be."""

    def __init__(self, response: Response) -> None:
        request = response.request
        parts = urlsplit(str(request.url))
        self.method, self.path, self.query = str(request.method), parts.path or "/", parts.query
        body = request.body or b""
        self.body = body.encode() if isinstance(body, str) else body
        self.operation = find(self.method, self.path)

    def verdict(self, operation: Operation) -> Verdict:
        """Tell what protobuf JSON makes of the request as a whole."""
        pairs = parse_qsl(self.query, keep_blank_values=True)
        found = {body_verdict(operation, self.body)}
        for parameter in operation.parameters:
            if parameter["in"] == "query":
                spelled = _folded(parameter["name"])
                texts = [text for key, text in pairs if _folded(key) == spelled]
                found.add(query_verdict(operation, parameter, texts))
        return "bad" if "bad" in found else "open" if "open" in found else "good"


def _folded(name: str) -> str:
    return name.removesuffix("[]").replace("_", "").replace(".", "").lower()


def judge(sent: Sent, response: Response) -> None:
    """Fail unless the answer is one the spec, the venue and protobuf JSON allow for the request."""
    status, raw = response.status_code, response.content or b""
    operation = sent.operation
    told = f"{sent.method} {sent.path}?{sent.query} {sent.body[:2000]!r}\n-> {status} {raw[:500]!r}"
    if operation is None:
        others = [each for each in OPERATIONS.values() if find(each.method, sent.path) is each]
        assert status == (405 if others else 404), told
        assert not others or {each.method for each in others} == _allowed(response) - {"HEAD"}, told
        assert json.loads(raw)["code"] in CODES[status], told
        return
    assert answer_findings(operation, status, raw) == [], told
    if status != 200 and not operation.is_plain:
        assert json.loads(raw)["code"] in CODES[status], told
        assert json.loads(raw)["message"], told
    judge_failure(operation, sent, status, raw, told)
    made_of = sent.verdict(operation)
    unread = UNREAD.match(json.loads(raw).get("message", "")) if status == 400 else None
    if made_of == "bad":
        assert 400 <= status < 500, f"taken although protobuf JSON refuses it: {told}"
    if made_of == "good":
        assert unread is None, f"not read although it is good protobuf JSON: {told}"
        assert operation.id not in ALWAYS or status == 200, told
    SEEN[operation.id].add((made_of, status))


def judge_failure(operation: Operation, sent: Sent, status: int, raw: bytes, told: str) -> None:
    """Fail for a failure of the server that neither spec nor venue documents."""
    if status == 500:
        assert operation.id == "RefDataAPI_ListInstruments", told
        assert b"unsupported filter column" in raw, told
    elif status >= 500:
        # the venue publishes the path and no body, so there is nothing to serve
        assert status == 501, told
        assert resolved(operation.answer).get("x-unpublished"), told


def _allowed(response: Response) -> set[str]:
    return {each.strip() for value in response.headers["allow"] for each in value.split(",")}


SEEN: dict[str, set[tuple[Verdict, int]]] = defaultdict(set)


@schema.parametrize()
def test_answers_are_what_the_spec_says(case: schemathesis.Case, partner: Partner) -> None:
    """Whatever is sent, good or bad, status, type and shape of the answer are the right documented ones."""
    operation = OPERATIONS[case.operation.definition.raw["operationId"]]
    headers = partner.headers(operation.schemes)
    response = case.call(base_url=BASE, session=partner.session, headers=headers)
    judge(Sent(response), response)
    case.validate_response(response, checks=CHECKS)


def test_every_operation_was_read_and_refused() -> None:
    """The requests made were worth making: each operation took some and refused what it could refuse."""
    if len(SEEN) < len(OPERATIONS):
        pytest.skip("only some operations were called")
    served = OPERATIONS.keys() - NEED_A_STORY - {name for name in SEEN if UNSERVED & SEEN[name]}
    never_read = sorted(name for name in served if ("good", 200) not in SEEN[name])
    assert not never_read, never_read
    with_body = {name for name, operation in OPERATIONS.items() if operation.body is not None}
    never_bad = sorted(name for name in with_body if not any(kind == "bad" for kind, _ in SEEN[name]))
    assert not never_bad, never_bad
