"""PolySimulator of the sandbox held to its spec: schemathesis makes the requests, and the spec judges."""

from __future__ import annotations

import json
import re
import time
import zlib
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Final

import pytest
import schemathesis

from polyspec.sandbox import Sandbox
from polyspec.sandbox.clob.engine import types as t
from polyspec.sandbox.polysimulator.engine import OrderSpec
from polyspec.sandbox.polysimulator.options import SIMULATION_CAPS, PolySimOptions
from polyspec.sandbox.polysimulator.venue import PolySimVenue
from tests.contract.colours import Colour
from tests.contract.fuzzing import CHECKS, Known, Sent, enrich, loaded
from tests.contract.judging import answer_findings, body_findings
from tests.contract.partner import BASE, PolySimPartner
from tests.contract.polysim_tour import HOUR, STRATEGY, furnish
from tests.contract.spec import POLYSIM, Operation, path_values
from tests.contract.verdicts import Verdict, worst

# It never ends, so whoever asks for it would wait for ever.
ENDLESS: Final = {"Spot_StreamPrices"}
OPERATIONS: Final = {name: each for name, each in POLYSIM.operations.items() if name not in ENDLESS}
CODES: Final = set(POLYSIM.schemas["ErrorCode"]["enum"])
# Refused whatever is asked, as nobody ever got anything of it.
NEVER: Final = {"Simulation_CreateExport": 503}
# What is taken in more spellings than the spec lists: words for yes, members in small letters, other moments.
PASSED_OVER: Final = {"boolean"}
# Several things at once, each with an answer of its own.
ONE_BY_ONE: Final = {"Orders_PlaceOrder", "Orders_PlaceOrderBatch", "Orders_CancelOrders"}
# Nobody looks at how large it is.
UNREAD: Final = {"signature_type"}

KNOWN: Known = {}
SENSIBLE: dict[str, Any] = {}
"""Whole bodies and queries of operations whose parts have to agree."""
MAKERS: dict[str, Callable[[], int]] = {}
"""What makes a thing for an operation that is done with it afterwards; by what its path names."""
schema = loaded(POLYSIM, examples=10).exclude(operation_id=sorted(ENDLESS))
enrich(schema, KNOWN)


class Fuzzer(PolySimPartner):
    """Asks as somebody with everything, but as another user for what would end its key."""

    def __init__(self, sandbox: Sandbox) -> None:
        super().__init__(sandbox)
        self._other = self.venue.session("plus@example.com")
        self._fresh = self.venue.session()

    def signed(self, operation: Operation, path: str, raw: bytes) -> dict[str, str]:
        """Return the credentials of whom an operation may not hurt."""
        if operation.id == "Keys_BootstrapKey":
            return {"Authorization": f"Bearer {self._fresh}"}
        if operation.tag == "keys":
            return {"Authorization": f"Bearer {self._other}"}
        return super().signed(operation, path, raw)


@pytest.fixture(scope="module")
def partner() -> Iterator[Fuzzer]:
    """A trader with something of everything to find: orders, trades, settlements, wallets, backtests."""
    many = {name: replace(each, jobs=10**6, market_hours=10**9) for name, each in SIMULATION_CAPS.items()}
    options = PolySimOptions(most_keys=10**6, simulation_caps=many)
    venues = ["clob", "polysimulator"]
    with Sandbox(venues=venues, polysimulator=options, port=False, quiet=True, rate_limits=False) as sandbox:
        with closing(Fuzzer(sandbox)) as made:
            _furnish(sandbox)
            yield made
            MAKERS.clear()


def _furnish(sandbox: Sandbox) -> None:
    (market, token), (other, second) = furnish(sandbox)
    colour, venue = Colour(), sandbox.polysimulator_venue
    now = time.time()
    with (
        closing(colour.polysim(sandbox, venue.asgi)) as sim,
        closing(colour.polysim(sandbox, venue.asgi, "pro_plus_api_key")) as plus,
    ):
        order = {"market": market, "side": "BUY", "outcome": "Yes"}
        bought = [sim.orders.place(**order, price="0.60", quantity=20).unwrap() for _ in range(2)]
        for outcome in ("Yes", "No"):
            sim.orders.place(other, side="BUY", outcome=outcome, price="0.60", quantity=10).unwrap()
        rest = [sim.orders.place(**order, price="0.05", quantity=5).unwrap() for _ in range(30)]
        keys = [plus.keys.create(f"spare {number}").id for number in range(30)]
        wallets = [sim.wallets.create(f"spare {number}").id for number in range(4)]
        jobs = [
            sim.simulation.backtests.create([market], now - 7 * HOUR, now - HOUR, STRATEGY).job_id
            for _ in range(4)
        ]
        round_id = sim.markets.updown("BTC", "5M")[0].condition_id
        slug = sim.markets.get(market).slug
    sandbox.clob_venue.world.apply(t.Resolve(condition_id=other, payouts=(10**6, 0)))
    _make(venue, market)
    numbers = [each.order_id.number for each in (*rest, *bought)]
    moments = [str(int(now)), "0", "9999999999", str(int(now * 1000))]
    at = [f"{datetime.fromtimestamp(now - hours * HOUR, UTC):%Y-%m-%dT%H:%M:%SZ}" for hours in (1, 7)]
    amounts = ["0.05", "0.5", "0.505", "1", "0", "-1", "1e2", "x", 0.05, 1]
    sizes = [0, 1, 2, -1, 50, 200, 201, 500, 501, 2**31 - 1]
    SENSIBLE.update(
        Orders_PlaceOrder={"market_id": market, "side": "BUY", "outcome": "Yes", "quantity": "5",
                           "order_type": "limit", "price": "0.05"},
        Compat_PostFlatOrder={"token_id": token, "side": "BUY", "price": "0.05", "quantity": "5"},
        Compat_PostOrder={"order": {"tokenId": token, "makerAmount": "250000", "takerAmount": "5000000",
                                    "side": "BUY"}},
        Simulation_SimulateFill={"condition_id": market, "shares": "10", "at": at[0]},
        Simulation_CreateBacktest={"condition_ids": [market], "start": at[1], "end": at[0],
                                   "strategy": STRATEGY},
        Simulation_GetReplayBook={"condition_id": market, "at": at[0]},
        Orders_CancelAll={"confirm": "true"},
        Orders_CancelAllDeprecated={"confirm": "true"},
        Orders_CancelMarketOrders={"market": market},
        Partner_CreateUser={"external_id": "u-1", "email": "someone@example.com"},
        Keys_BootstrapKey={},
        Keys_CreateKey={"permissions": ["read"]},
    )  # fmt: skip
    SENSIBLE["Orders_PlaceOrderBatch"] = {"orders": [SENSIBLE["Orders_PlaceOrder"]]}
    KNOWN.update(
        condition_id=[market, market, other, round_id, "0x" + "1" * 64],
        token_id=[token, token, second, "12"],
        order_id=numbers,
        id=[str(each) for each in numbers],
        key_id=keys,
        wallet_id=[*wallets, "api", "ALL", 10**6],
        job_id=[*jobs, "j"],
        slug=[slug],
        symbol=["BTC", "btc", "XYZ"],
        outcome=["Yes", "no", "Maybe"],
        price=amounts,
        quantity=["5", "5.00005", *amounts],
        amount=amounts,
        limit=sizes,
        offset=sizes,
        depth=sizes,
        days=[1, 90, 91, 0],
        cursor=["MA==", "LTE=", "MQ==", "1", "eA==", ""],
        before=moments,
        after=moments,
        startTs=moments,
        endTs=moments,
        at=at,
        start=[at[1]],
        end=[at[0]],
        strategy=[STRATEGY],
        kind=["SANDBOX"],
        interval_ms=[1000, 60_000, 999, 60_001],
        client_order_id=["c-1", "c-2", "c-3"],
        email=["a@example.com", "b@example.com", "x"],
        external_id=["u-1", "u-2", ""],
        fidelity=[1, 60, 0],
        **{"from": at, "to": at, "": [*numbers, market]},
    )
    KNOWN.update(
        market_id=KNOWN["condition_id"],
        market_ids=KNOWN["condition_id"],
        condition_ids=KNOWN["condition_id"],
        market=[market, token],
        token_ids=KNOWN["token_id"],
        asset_id=KNOWN["token_id"],
        tokenId=KNOWN["token_id"],
        orderID=KNOWN["id"],
        next_cursor=KNOWN["cursor"],
    )


def _make(venue: PolySimVenue, market: str) -> None:
    """Say how things are made of which an operation needs one that nothing was done to."""
    world = venue.world
    user, other = (world.users.of_email(f"{name}@example.com") for name in ("pro", "plus"))
    assert user is not None
    assert other is not None
    engine, user_id, other_id = world.engine, user.id, other.id
    cheap = {"market_id": market, "side": "BUY", "outcome": "Yes"}
    order = OrderSpec(**cheap, order_type="limit", price=Decimal("0.05"), quantity=Decimal(5))
    made: dict[str, Callable[[], int]] = {
        "Orders_CancelOrder": lambda: engine.place(user_id, order, world.clock.now_ns()).order_id,
        "Keys_RotateKey": lambda: world.keys.create(other_id, tier="pro")[0].id,
        "Wallets_ResetWallet": lambda: engine.create_wallet(user_id, world.clock.now_ns()).id,
    }
    MAKERS.update(made)


@schema.hook
def map_body(context: Any, body: Any) -> Any:
    """Send what makes sense as a whole at times: no fuzzer comes by it."""
    return _sensible(context, body)


@schema.hook
def map_path_parameters(context: Any, path_parameters: Any) -> Any:
    """Have something there at times for what ends it."""
    name = context.operation.definition.raw["operationId"]
    if name not in MAKERS or not path_parameters or not _often(path_parameters):
        return path_parameters
    return dict.fromkeys(path_parameters, MAKERS[name]())


@schema.hook
def map_query(context: Any, query: Any) -> Any:
    """Ask what makes sense as a whole at times."""
    return _sensible(context, query)


def _sensible(context: Any, made: Any) -> Any:
    known = SENSIBLE.get(context.operation.definition.raw["operationId"])
    return known if type(made) is type(known) and _often(made) else made


def _often(made: Any) -> bool:
    """Tell three of four things that were made from the fourth."""
    return zlib.crc32(repr(made).encode()) % 4 != 0


# -- the judgement --


def made_of(operation: Operation, sent: Sent) -> Verdict:
    """Tell whether a request is one the spec has; what readers pass over does not count."""
    found: list[Verdict] = []
    if operation.body is not None and sent.body.strip():
        found.append("bad" if body_findings(operation, sent.body, closed=False) else "good")
    elif operation.body is not None:
        # where every field may be absent, so may the body
        found.append("bad" if body_findings(operation, b"{}", closed=False) else "good")
    verdicts = sent.query_verdicts(operation)
    for name, parameter in operation.query.items():
        kind = POLYSIM.resolved(parameter["schema"])
        lenient = kind.get("type") in PASSED_OVER or "enum" in kind or kind.get("format") == "date-time"
        if (lenient or name in UNREAD) and verdicts[name] == "bad":
            verdicts[name] = "open"
    found += verdicts.values()
    values = path_values(operation, sent.path)
    for each in operation.parameters:
        if each["in"] == "path" and POLYSIM.resolved(each["schema"])["type"] == "integer":
            is_number = re.fullmatch(r"-?[0-9]{1,18}", values[each["name"]])
            found.append("good" if is_number else "bad")
    return worst(found)


def refused_within(sent: Sent) -> bool:
    """Tell whether an answer says for each thing that was asked what is wrong with it."""
    if sent.status != 200 or sent.operation is None or sent.operation.id not in ONE_BY_ONE:
        return False
    told = json.loads(sent.answer)
    if sent.operation.id == "Orders_CancelOrders":
        return not told["canceled"]
    if sent.operation.id == "Orders_PlaceOrderBatch":
        return bool(told["failed"])
    return isinstance(told, list) and not all(each["success"] for each in told)


def judge(sent: Sent, answered: Mapping[str, list[str]]) -> None:
    """Fail unless the answer is one the spec and the venue allow for the request."""
    operation, status = sent.operation, sent.status
    code = (answered.get("x-polysim-code") or [""])[0]
    assert answered.get("x-request-id"), sent
    assert bool(code) == (status >= 400), sent
    if operation is None:
        sent.judge_stray()
        return
    assert answer_findings(operation, status, sent.answer) == [], sent
    if status >= 400:
        assert code in CODES, sent
        told = json.loads(sent.answer)
        assert told.get("error"), sent
        refused = {NEVER[operation.id]} if operation.id in NEVER else set()
        assert status in {400, 402, 403, 404, 409, 422} | refused, sent
        assert status not in (402, 403) or operation.tag in ("keys", "wallets", "simulation"), sent
    made = made_of(operation, sent)
    if made == "bad" and not refused_within(sent):
        assert status in (400, 404, 422), f"taken although the spec refuses it: {sent}"
    SEEN[operation.id].add((made, status))


SEEN: dict[str, set[tuple[Verdict, int]]] = defaultdict(set)


@schema.parametrize()
def test_answers_are_what_the_spec_says(case: schemathesis.Case, partner: Fuzzer) -> None:
    """Whatever is sent, good or bad, status, type, code and shape of the answer are the right ones."""
    operation = OPERATIONS[case.operation.definition.raw["operationId"]]
    response = case.call(base_url=BASE, session=partner.session, auth=partner.auth(operation))
    sent = Sent(POLYSIM, response)
    judge(sent, response.headers)
    # a method that a fixed word does not have may be that of an id
    if sent.operation in (None, operation):
        case.validate_response(response, checks=CHECKS)


def test_every_operation_was_read_and_refused() -> None:
    """The requests made were worth making: each operation took some and refused what it could refuse."""
    if len(SEEN) < len(OPERATIONS):
        pytest.skip("only some operations were called")
    never_read = sorted(
        name
        for name, operation in OPERATIONS.items()
        if name not in NEVER and not any(("good", status) in SEEN[name] for status in operation.good)
    )
    assert not never_read, never_read
    assert not [name for name, status in NEVER.items() if ("good", status) not in SEEN[name]]
    with_body = {name for name, operation in OPERATIONS.items() if operation.body is not None}
    never_bad = sorted(name for name in with_body if not any(kind == "bad" for kind, _ in SEEN[name]))
    assert not never_bad, never_bad
