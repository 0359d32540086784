"""The US exchange of the sandbox held to its spec: schemathesis makes the requests, the spec judges."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterator
from typing import Any, Final

import pytest
import schemathesis

from polyspec.sandbox import Sandbox
from tests.contract.fuzzing import CHECKS, Known, Sent, enrich, loaded
from tests.contract.judging import answer_findings
from tests.contract.partner import BASE, Partner
from tests.contract.spec import US, Operation
from tests.contract.verdicts import Verdict, body_verdict, worst

OPERATIONS: Final = US.operations
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

KNOWN: Known = {}
schema = loaded(US)
enrich(schema, KNOWN)


# -- values that mean something to the sandbox --


@pytest.fixture(scope="module")
def partner() -> Iterator[Partner]:
    """A partner with something of everything to find: orders, trades, a combo, a request for quotes."""
    with Sandbox(port=False, quiet=True, rate_limits=False) as sandbox:
        made = Partner(sandbox)
        _furnish(made)
        yield made


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


# -- the judgement --


def made_of(operation: Operation, sent: Sent) -> Verdict:
    """Tell what protobuf JSON makes of a request as a whole."""
    return worst([body_verdict(operation, sent.body), *sent.query_verdicts(operation).values()])


def judge(sent: Sent) -> None:
    """Fail unless the answer is one the spec, the venue and protobuf JSON allow for the request."""
    operation, status, raw = sent.operation, sent.status, sent.answer
    if operation is None:
        sent.judge_stray()
        assert json.loads(raw)["code"] in CODES[status], sent
        return
    assert answer_findings(operation, status, raw) == [], sent
    if status != 200 and not operation.is_plain:
        assert json.loads(raw)["code"] in CODES[status], sent
        assert json.loads(raw)["message"], sent
    judge_failure(operation, sent)
    made = made_of(operation, sent)
    unread = UNREAD.match(json.loads(raw).get("message", "")) if status == 400 else None
    if made == "bad":
        assert 400 <= status < 500, f"taken although protobuf JSON refuses it: {sent}"
    if made == "good":
        assert unread is None, f"not read although it is good protobuf JSON: {sent}"
        assert operation.id not in ALWAYS or status == 200, sent
    SEEN[operation.id].add((made, status))


def judge_failure(operation: Operation, sent: Sent) -> None:
    """Fail for a failure of the server that neither spec nor venue documents."""
    if sent.status == 500:
        assert operation.id == "RefDataAPI_ListInstruments", sent
        assert b"unsupported filter column" in sent.answer, sent
    elif sent.status >= 500:
        # the venue publishes the path and no body, so there is nothing to serve
        assert sent.status == 501, sent
        assert operation.is_unpublished, sent


SEEN: dict[str, set[tuple[Verdict, int]]] = defaultdict(set)


@schema.parametrize()
def test_answers_are_what_the_spec_says(case: schemathesis.Case, partner: Partner) -> None:
    """Whatever is sent, good or bad, status, type and shape of the answer are the right documented ones."""
    operation = OPERATIONS[case.operation.definition.raw["operationId"]]
    response = case.call(base_url=BASE, session=partner.session, auth=partner.auth(operation))
    judge(Sent(US, response))
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
