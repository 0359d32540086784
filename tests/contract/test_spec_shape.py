"""Properties of the spec of the US exchange as a document."""

import re
from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator, FormatChecker
from openapi_spec_validator import OpenAPIV31SpecValidator
from ruamel.yaml import YAML

from tests.contract.spec import US

SPEC = Path(__file__).resolve().parents[2] / "specs" / "us_exchange.openapi.yaml"
TEXT = SPEC.read_text("utf-8")
DOCUMENT: dict[str, Any] = US.document
SCHEMAS: dict[str, Any] = DOCUMENT["components"]["schemas"]
ENUMS = {name: schema["enum"] for name, schema in SCHEMAS.items() if "enum" in schema}
METHODS = ("get", "put", "post", "delete", "patch")
OPERATIONS = [
    pytest.param(method.upper(), path, item[method], id=item[method].get("operationId", path))
    for path, item in DOCUMENT["paths"].items()
    for method in METHODS
    if method in item
]
SCHEMA_REF = "#/components/schemas/"

# Typed from the venue's documentation, apart from the token endpoint.
ENDPOINTS = {
    "POST /oauth/token",
    "GET /v1/health",
    "GET /v1/whoami",
    "GET /v1/users",
    "GET /v1/accounts",
    "POST /v1/refdata/instruments",
    "POST /v1/refdata/symbols",
    "POST /v1/refdata/metadata",
    "GET /v1/refdata/sports",
    "GET /v1/refdata/sports/teams",
    "GET /v1/refdata/sports/teams/provider",
    "GET /v1/orderbook/{symbol}",
    "GET /v1/orderbook/{symbol}/bbo",
    "GET /v1/instruments/{symbol}/settlement",
    "POST /v1/trading/orders",
    "POST /v1/trading/orders/list",
    "POST /v1/trading/orders/cross",
    "POST /v1/trading/orders/preview",
    "POST /v1/trading/orders/cancel",
    "POST /v1/trading/orders/cancel/list",
    "POST /v1/trading/orders/replace",
    "POST /v1/trading/orders/replace/list",
    "GET /v1/trading/orders/open",
    "POST /v1/report/orders/search",
    "GET /v1/report/orders/{order_id}",
    "POST /v1/report/executions/search",
    "GET /v1/report/executions/{exec_id}",
    "POST /v1/report/trades/search",
    "POST /v1/report/trades/stats",
    "POST /v1/report/orders/csv",
    "POST /v1/report/executions/csv",
    "POST /v1/report/trades/csv",
    "GET /v1/positions",
    "POST /v1/positions/balance",
    "POST /v1/positions/balances",
    "GET /v1/positions/ledger",
    "GET /v1/positions/ledger/download",
    "GET /v1/funding/balance-ledger",
    "GET /v1/funding/balance-ledger/download",
    "GET /v1/funding/sources",
    "GET /v1/funding/accounts",
    "PATCH /v1/funding/accounts/{id}",
    "GET /v1/funding/transactions",
    "GET /v1/funding/transaction-requirements",
    "GET /v1/combos",
    "POST /v1/combos",
    "GET /v1/rfqs",
    "POST /v1/rfqs",
    "DELETE /v1/rfqs/{rfqId}",
    "GET /v1/rfqs/quotes",
    "POST /v1/rfqs/quotes",
    "DELETE /v1/rfqs/{rfqId}/quotes/{quoteId}",
    "PUT /v1/rfqs/{rfqId}/quotes/{quoteId}/accept",
    "PUT /v1/rfqs/{rfqId}/quotes/{quoteId}/confirm",
    "GET /v1/rfqs/trades",
    "GET /v1/rfqs/user-id",
    "GET /v1/incentives",
    "GET /v1/incentives/earnings",
    "POST /v1/kyc/start",
    "GET /v1/kyc/status",
    "POST /v1/kyc/webhook",
    "POST /v1/kyc/prefill",
    "POST /v1/kyc/prefill/otp",
    "POST /v1/aeropay/initialize",
    "POST /v1/aeropay/validate-mfa",
    "GET /v1/aeropay/methods",
    "POST /v1/aeropay/deposits",
    "POST /v1/aeropay/withdrawals",
    "POST /v1/checkout/payment-sessions",
    "POST /v1/checkout/instruments",
    "POST /v1/checkout/deposits",
    "POST /v1/checkout/withdrawals",
    "POST /v1/valuations/accounts/statement/download",
}

ZERO_MEMBERS = {
    "AccountType": "ACCOUNT_TYPE_UNDEFINED",
    "CashMovementStatus": "CASH_MOVEMENT_STATUS_UNSPECIFIED",
    "CrossType": "CROSS_TYPE_UNDEFINED",
    "CxlRejReason": "CXL_REJ_REASON_EXCHANGE_OPTION",
    "ExecutionType": "EXECUTION_TYPE_NEW",
    "FilterOperator": "FILTER_OPERATOR_UNDEFINED",
    "FirmType": "FIRM_TYPE_UNDEFINED",
    "FundingSourceType": "FUNDING_SOURCE_TYPE_UNDEFINED",
    "FundingTransactionState": "TRANSACTION_STATE_PENDING",
    "FundingTransactionType": "TRANSACTION_TYPE_UNDEFINED",
    "InstrumentState": "INSTRUMENT_STATE_CLOSED",
    "InstrumentType": "INSTRUMENT_TYPE_UNDEFINED",
    "LedgerEntryType": "LEDGER_ENTRY_TYPE_BALANCE_UNDEFINED",
    "ManualOrderIndicator": "MANUAL_ORDER_INDICATOR_UNDEFINED",
    "OrdRejectReason": "ORD_REJECT_REASON_EXCHANGE_OPTION",
    "OrderCapacity": "ORDER_CAPACITY_UNDEFINED",
    "OrderState": "ORDER_STATE_NEW",
    "OrderStateFilter": "ORDER_STATE_FILTER_UNDEFINED",
    "OrderType": "ORDER_TYPE_UNDEFINED",
    "QuoteStatus": "QUOTE_STATUS_UNDEFINED",
    "RFQStatus": "RFQ_STATUS_UNSPECIFIED",
    "SelfMatchPreventionInstruction": "SELF_MATCH_PREVENTION_INSTRUCTION_UNDEFINED",
    "Side": "SIDE_UNDEFINED",
    "TimeInForce": "TIME_IN_FORCE_UNDEFINED",
    "TradableFilter": "TRADABLE_FILTER_ALL",
    "TradeState": "TRADE_STATE_UNDEFINED",
    "TradeType": "TRADE_TYPE_UNDEFINED",
    "TransferReason": "TRANSFER_REASON_UNSPECIFIED",
    "UnsolicitedCxlReason": "UNSOLICITED_CXL_REASON_UNDEFINED",
    "UserFilter": "USER_FILTER_UNDEFINED",
    "VendorOrderStatus": "VENDOR_ORDER_STATUS_UNSPECIFIED",
}

# Enums of streams and of calls that exist over gRPC alone.
BEYOND_REST = {"CashMovementStatus", "CxlRejReason", "TransferReason", "VendorOrderStatus"}

# What may be sent again after an unknown outcome, and what must be looked up, is worth typing twice.
RESOLVED = {"OrderEntryAPI_InsertOrder", "OrderEntryAPI_InsertOrderList", "OrderEntryAPI_InsertOrderCross"}
SAFE_WRITES = {
    "ComboAPI_CreateCombo",
    "FundingAPI_UpdateFundingAccount",
    "KYCAPI_SetWebhookURL",
    "KYCAPI_StartKYCVerification",
}

FORMATS = FormatChecker(formats=())


@FORMATS.checks("int64", ValueError)
def _int64(value: object) -> bool:
    return not isinstance(value, str) or -(2**63) <= int(value) < 2**63


@FORMATS.checks("int32")
def _int32(value: object) -> bool:
    return not isinstance(value, int) or -(2**31) <= value < 2**31


@FORMATS.checks("decimal", ArithmeticError)
def _decimal(value: object) -> bool:
    return Decimal(str(value)).is_finite()


@FORMATS.checks("date-time", ValueError)
def _date_time(value: object) -> bool:
    microseconds = re.sub(r"(\.\d{6})\d+", r"\1", str(value))
    return datetime.fromisoformat(microseconds).tzinfo is not None


def closed(schema: dict[str, Any]) -> dict[str, Any]:
    """Refuse fields an object schema does not have; answers may grow, examples may not."""
    return {**schema, "additionalProperties": False} if "properties" in schema else schema


CLOSED = {"schemas": {name: closed(schema) for name, schema in SCHEMAS.items()}}


def nodes(node: Any) -> Iterator[dict[str, Any]]:
    """Yield every mapping at or below a node, leaving examples out."""
    if isinstance(node, list):
        for item in node:
            yield from nodes(item)
    elif isinstance(node, dict):
        yield node
        for key, item in node.items():
            if key != "examples":
                yield from nodes(item)


def schema_name(content: dict[str, Any]) -> str:
    """Return the component a body refers to."""
    return content["application/json"]["schema"]["$ref"].removeprefix(SCHEMA_REF)


def request_fields(operation: dict[str, Any]) -> set[str]:
    """Return the wire names an operation takes, in its query and its body."""
    names = set()
    for parameter in operation.get("parameters", []):
        ref = parameter.get("$ref", "").rsplit("/", 1)[-1]
        names.add((DOCUMENT["components"]["parameters"][ref] if ref else parameter)["name"])
    if "requestBody" in operation:
        names |= set(SCHEMAS[schema_name(operation["requestBody"]["content"])].get("properties", {}))
    return names


def test_is_valid_openapi_3_1() -> None:
    """The document obeys the OpenAPI 3.1 schema and every reference resolves."""
    assert DOCUMENT["openapi"].startswith("3.1.")
    OpenAPIV31SpecValidator(DOCUMENT).validate()


def test_reads_the_same_in_both_yaml_dialects() -> None:
    """No plain word, date or number depends on whether the reader speaks YAML 1.1 or 1.2."""
    assert yaml.safe_load(TEXT) == YAML(typ="safe", pure=True).load(TEXT) == DOCUMENT


def test_has_no_anchors_or_aliases() -> None:
    """Nothing in the text refers to another part of it but by `$ref`."""
    events = list(yaml.parse(TEXT, Loader=yaml.SafeLoader))
    assert not [event.start_mark.line + 1 for event in events if getattr(event, "anchor", None)]


def test_has_every_endpoint_of_the_venue() -> None:
    """Paths and methods are exactly the published ones."""
    assert {f"{param.values[0]} {param.values[1]}" for param in OPERATIONS} == ENDPOINTS


@pytest.mark.parametrize(("method", "path", "operation"), OPERATIONS)
def test_operation_is_fully_described(method: str, path: str, operation: dict[str, Any]) -> None:
    """An operation says who may call it, what a retry does, which lane it takes and how sure we are."""
    assert re.fullmatch(r"[A-Za-z]+_[A-Za-z]+", operation["operationId"])
    assert len(operation["tags"]) == 1
    assert operation["tags"][0] in [tag["name"] for tag in DOCUMENT["tags"]]
    assert operation["summary"]
    assert isinstance(operation["security"], list)
    assert operation["x-retry"] in {"safe", "never", "resolve"}
    assert operation["x-confidence"] in {"documented", "code", "observed", "inferred"}
    assert operation["x-source"]
    assert operation.get("x-lane", "read" if method == "GET" else None) in {"read", "write", "cancel"}
    assert set(re.findall(r"{(\w+)}", path)) <= request_fields(operation)


@pytest.mark.parametrize(("method", "path", "operation"), OPERATIONS)
def test_bodies_are_named_and_exemplified(method: str, path: str, operation: dict[str, Any]) -> None:
    """Requests and answers are components with an example, and failures have a type of their own."""
    bodies = [operation["responses"]["200"]["content"]]
    if "requestBody" in operation:
        assert operation["requestBody"]["required"] is True
        bodies.append(operation["requestBody"]["content"])
    for content in bodies:
        assert SCHEMAS[schema_name(content)]["examples"]
    assert set(operation["responses"]) == {"200", "default"}


@pytest.mark.parametrize(("method", "path", "operation"), OPERATIONS)
def test_retry_fits_the_lane(method: str, path: str, operation: dict[str, Any]) -> None:
    """Reads, cancels and keyed writes may be repeated, placements are resolved, the rest is neither."""
    name, lane = operation["operationId"], operation.get("x-lane", "read")
    if name == "OAuth_RequestToken":
        expected = "never"  # an assertion is good for one attempt
    elif lane in {"read", "cancel"} or name in SAFE_WRITES:
        expected = "safe"
    else:
        expected = "resolve" if name in RESOLVED else "never"
    assert operation["x-retry"] == expected


@pytest.mark.parametrize(("method", "path", "operation"), OPERATIONS)
def test_paging_names_real_fields(method: str, path: str, operation: dict[str, Any]) -> None:
    """A page trait names a field of the request and fields of the answer, the items being a list."""
    page = operation.get("x-page")
    if page is None:
        assert not {"pageToken", "cursor"} & request_fields(operation) or "x-stream" in operation
        return
    answer = SCHEMAS[schema_name(operation["responses"]["200"]["content"])]["properties"]
    assert page["request"] in request_fields(operation)
    assert answer[page["items"]]["type"] == "array"
    assert {page["response"], page.get("eof", page["response"])} <= set(answer)
    assert answer[page.get("also", page["items"])]["items"] == answer[page["items"]]["items"]
    assert ("eof" in answer) == ("eof" in page)


def test_operation_names_are_unique() -> None:
    """Operation ids differ, and so do the functions of a tag, whatever the case of their letters."""
    ids = [param.values[2]["operationId"] for param in OPERATIONS]
    functions = [
        (param.values[2]["tags"][0], name.split("_")[1].lower())
        for param, name in zip(OPERATIONS, ids, strict=True)
    ]
    assert len(set(ids)) == len(ids)
    assert len(set(functions)) == len(functions)


def test_every_bucket_has_one_rate() -> None:
    """Operations that share a bucket agree on it, and a rate is a number or one per tier."""
    buckets = defaultdict(list)
    for param in OPERATIONS:
        if limit := param.values[2].get("x-rate-limit"):
            assert set(limit) <= {"bucket", "rate", "per", "burst"}
            rates = limit["rate"] if isinstance(limit["rate"], dict) else {"tier1": limit["rate"]}
            assert list(rates) in (["tier1"], ["tier1", "tier2", "tier3", "tier4"])
            assert all(value > 0 for value in [*rates.values(), limit["per"], limit.get("burst", 1)])
            buckets[limit["bucket"]].append(limit)
    assert len(buckets) > 30
    assert all(limit == limits[0] for limits in buckets.values() for limit in limits)


def test_every_scope_used_is_declared() -> None:
    """Security requirements name declared schemes, and scopes the token flow knows."""
    schemes = DOCUMENT["components"]["securitySchemes"]
    declared = set(schemes["accessToken"]["flows"]["clientCredentials"]["scopes"])
    for param in OPERATIONS:
        for alternative in param.values[2]["security"]:
            assert set(alternative) <= set(schemes)
            assert len(alternative["accessToken"]) == 1
            assert set(alternative["accessToken"]) <= declared
            assert alternative.get("participantId", []) == []


def test_participant_header_is_no_parameter() -> None:
    """The participant is a security scheme and nowhere a header argument."""
    assert not [node for node in nodes(DOCUMENT["paths"]) if node.get("in") == "header"]


@pytest.mark.parametrize("name", [name for name, schema in SCHEMAS.items() if "examples" in schema])
def test_examples_obey_their_schema(name: str) -> None:
    """Every example validates, formats included, and uses only fields the schema has."""
    schema = {"$ref": SCHEMA_REF + name, "components": CLOSED}
    validator = Draft202012Validator(schema, format_checker=FORMATS)
    for example in SCHEMAS[name]["examples"]:
        assert [error.message for error in validator.iter_errors(example)] == []


@pytest.mark.parametrize("name", ENUMS)
def test_enum_begins_with_its_zero_member(name: str) -> None:
    """The first member is the one protobuf may leave out; members differ and share a prefix."""
    members = ENUMS[name]
    assert members[0] == ZERO_MEMBERS[name]
    assert len(set(members)) == len(members)
    prefix = members[0].rsplit("_", 1)[0].split("_")[0]
    assert all(re.fullmatch(rf"{prefix}_[A-Z_]+", member) for member in members)


def test_every_enum_is_known() -> None:
    """Enums are components, and none is added or lost unnoticed."""
    assert set(ENUMS) == set(ZERO_MEMBERS)
    assert not [node for node in nodes(DOCUMENT["paths"]) if "enum" in node]
    inner = [prop for schema in SCHEMAS.values() for prop in nodes(schema.get("properties", {}))]
    assert not [prop for prop in inner if isinstance(prop.get("enum"), list)]


def test_guessed_zero_members_say_so() -> None:
    """An enum whose zero member carries a made-up name admits it."""
    guessed = [name for name, member in ZERO_MEMBERS.items() if member.endswith("_UNDEFINED")]
    published = {"Side", "TradeState", "QuoteStatus"}
    assert [n for n in guessed if n not in published and "inferred" not in SCHEMAS[n]["description"]] == []


def test_every_schema_is_described_and_used() -> None:
    """Schemas tell what they are, and none is left over."""
    used = {
        node["$ref"].removeprefix(SCHEMA_REF) for node in nodes(DOCUMENT) if isinstance(node.get("$ref"), str)
    }
    assert [name for name, schema in SCHEMAS.items() if not schema.get("description")] == []
    assert set(SCHEMAS) - used == BEYOND_REST


def test_integers_and_money_have_a_format() -> None:
    """Integers say their width, numbers are decimals, and 64-bit integers are strings as on the wire."""
    for node in nodes(DOCUMENT):
        if node.get("type") == "integer":
            assert node["format"] == "int32"
        if node.get("type") == "number":
            assert node["format"] == "decimal"
        if node.get("format") == "int64":
            assert node["type"] == "string"


def test_statistics_tell_absent_from_zero() -> None:
    """Every field the venue marks as optional has presence."""
    assert all(prop["x-presence"] is True for prop in SCHEMAS["InstrumentStats"]["properties"].values())
    optional = {
        "GetBBOResponse": {"state"},
        "GetOrderBookResponse": {"state"},
        "IncentiveTimePeriod": {"end", "discountFactor", "targetSize", "maxSpread"},
        "Instrument": {"terminationDate", "orderSizeLimit"},
        "Quote": {"rfqCashOrderQty", "rfqCreatorOrderId", "creatorOrderId"},
        "RFQ": {"qtyDecimal", "cashOrderQty", "tickSize"},
        "RFQComboLeg": {"settlementPrice"},
    }
    for name, fields in optional.items():
        marked = {wire for wire, prop in SCHEMAS[name]["properties"].items() if prop.get("x-presence")}
        assert fields <= marked


def test_unpublished_bodies_are_free_form() -> None:
    """What the venue does not publish is marked, open and without made-up fields."""
    unpublished = {name: schema for name, schema in SCHEMAS.items() if schema.get("x-unpublished")}
    assert len(unpublished) == 22
    for schema in unpublished.values():
        assert schema["additionalProperties"] is True
        assert "properties" not in schema
