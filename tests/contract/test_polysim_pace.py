"""Limits of PolySimulator: those of the spec are those the sandbox keeps and the client stays under."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from typing import Any

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polyspec_wire.polysimulator import OPERATIONS as WIRE

from polyspec.core.pacing import Pacer
from polyspec.sandbox import Sandbox
from polyspec.sandbox.http.clock import Clock
from polyspec.sandbox.polysimulator.limits import Limits, Room
from polyspec.sandbox.polysimulator.options import TIERS
from tests.contract.judging import answer_findings
from tests.contract.polysim_asking import Asking
from tests.contract.spec import POLYSIM, Operation

EARLY = 1000.0
CLIENT = "127.0.0.1"
KEYS = {"free": "free_api_key", "pro": "api_key", "pro_plus": "pro_plus_api_key"}
FAMILIES = ("x-ratelimit-", "x-polysim-ratelimit-")
PUBLIC = {"limit", "remaining", "reset"}
OWN = PUBLIC | {"tier", "limit-per-second", "remaining-per-second"}
ON_EVERY_PLAN = {"Account_GetHistory", "Orders_PlaceOrder", "Orders_CancelAll"}
FIRST_KEY = "Keys_BootstrapKey"


def limits_of(operation: Operation) -> list[dict[str, Any]]:
    """Return the limits the spec has for an operation."""
    return list(operation.raw.get("x-rate-limit", []))


def rate_of(limit: dict[str, Any], tier: str) -> int:
    """Return the requests of a period on a plan."""
    return int(limit["rate"][tier] if isinstance(limit["rate"], dict) else limit["rate"])


def listed(*others: str) -> list[Any]:
    """Return every limit of every operation on the free plan, and some on `others` as well."""
    return [
        pytest.param(each, limit, tier, id=f"{each.id}-{limit['bucket']}-{tier}")
        for each in POLYSIM.operations.values()
        if each.id != FIRST_KEY
        for limit in limits_of(each)
        for tier in (("free", *others) if each.id in ON_EVERY_PLAN else ("free",))
    ]


@pytest.fixture(scope="module")
def asking() -> Iterator[Asking]:
    """A venue with limits whose clock stands still."""
    with (
        Sandbox(venues=["polysimulator"], port=False, quiet=True) as sandbox,
        closing(Asking(sandbox)) as opened,
    ):
        opened.world.clock.freeze()
        yield opened


def to_the_next_hour(asking: Asking) -> None:
    """Begin a new hour, and with it every window."""
    clock = asking.world.clock
    clock.advance(3600.01 - clock.seconds() % 3600)


def owner_of(asking: Asking, tier: str) -> str:
    """Return in whose name requests with the key of a plan are counted."""
    key = asking.world.keys.find(asking.venue.api_key(KEYS[tier]))
    assert key is not None
    return f"key {key.id}"


def take(asking: Asking, operation: Operation, tier: str, count: int) -> None:
    """Let requests pass as if others with the same key, or of the same address, had made them."""
    limits = asking.world.limits
    for _ in range(count):
        if operation.schemes == {"tenantKey"}:
            room = limits.of_partner()
        elif limits_of(operation)[0]["scope"] == "key":
            room = limits.of_caller(owner_of(asking, tier), tier, TIERS[tier])
        else:
            room = limits.of_address(CLIENT)
        assert not room.wait


def ask(asking: Asking, operation: Operation, tier: str) -> httpx.Response:
    """Send a request as an operation is asked that is counted as the spec says."""
    if operation.schemes == {"tenantKey"}:
        return asking.ask(operation, asking.tenant())
    is_own = limits_of(operation)[0]["scope"] == "key"
    return asking.ask(operation, asking.key(KEYS[tier]) if is_own else {})


@pytest.mark.parametrize(("operation", "limit", "tier"), listed("pro", "pro_plus"))
def test_windows_are_kept_to_the_last_request(
    asking: Asking, operation: Operation, limit: dict[str, Any], tier: str
) -> None:
    """As many pass as the spec says, one more is 429 with the wait, and when the window is over they pass."""
    to_the_next_hour(asking)
    rate, clock = rate_of(limit, tier), asking.world.clock
    second = rate_of(limits_of(operation)[0], tier)
    for _ in range((rate - 1) // second):
        # so many a second that the minute is full before the second is
        take(asking, operation, tier, second)
        clock.advance(1)
    take(asking, operation, tier, (rate - 1) % second)
    assert ask(asking, operation, tier).status_code != 429
    refused = ask(asking, operation, tier)
    assert (refused.status_code, refused.headers["x-polysim-code"]) == (429, "RATE_LIMIT_EXCEEDED")
    assert answer_findings(operation, 429, refused.content) == []
    left = limit["per"] - clock.seconds() % limit["per"]
    assert 0 <= int(refused.headers["retry-after"]) - left < 1
    clock.advance(int(refused.headers["retry-after"]))
    assert ask(asking, operation, tier).status_code != 429


@pytest.mark.parametrize("bucket", ["BootstrapMinute", "BootstrapHour"])
def test_first_keys_have_windows_of_their_own(asking: Asking, bucket: str) -> None:
    """Of one address once a minute and five times an hour, whoever asks with whatever result."""
    to_the_next_hour(asking)
    operation = POLYSIM.operations[FIRST_KEY]
    limit = next(each for each in limits_of(operation) if each["bucket"] == bucket)
    for _ in range(limit["rate"]):
        assert asking.ask(operation, {"Authorization": "Bearer x"}).status_code == 401
        asking.world.clock.advance(60 if bucket == "BootstrapHour" else 1)
    refused = asking.ask(operation, {"Authorization": "Bearer x"})
    assert refused.status_code == 429
    left = limit["per"] - asking.world.clock.seconds() % limit["per"]
    assert 0 <= int(refused.headers["retry-after"]) - left < 1
    asking.world.clock.advance(int(refused.headers["retry-after"]))
    assert asking.ask(operation, {"Authorization": "Bearer x"}).status_code == 401


def test_every_operation_is_under_a_limit() -> None:
    """Nothing goes by uncounted but what takes the dashboard's token alone: no number is published."""
    uncounted = {each.id for each in POLYSIM.operations.values() if not limits_of(each)}
    assert uncounted == {"Account_GetEntitlements"}
    for each in POLYSIM.operations.values():
        scopes = {limit["scope"] for limit in limits_of(each)}
        is_own = bool(each.security) and {} not in each.security and each.id != FIRST_KEY
        assert not scopes or scopes == {"key" if is_own else "ip"}


def test_tiers_are_those_of_the_spec(asking: Asking) -> None:
    """What the table of tiers says is what the spec says, so that whoever goes by either stays under both."""
    to_the_next_hour(asking)
    second, minute = limits_of(POLYSIM.operations["Account_GetHistory"])
    told = {each["tier"]: each for each in asking.raw("GET", "/v1/keys/tiers").json()}
    assert told.keys() == second["rate"].keys() == TIERS.keys()
    for tier, each in told.items():
        assert each["requests_per_second"] == second["rate"][tier]
        assert each["requests_per_minute"] == minute["rate"][tier]


@pytest.mark.parametrize(
    "operation", [pytest.param(each, id=each.id) for each in POLYSIM.operations.values()]
)
def test_answers_tell_what_is_left_in_both_families(asking: Asking, operation: Operation) -> None:
    """Plan, windows and what is left of them are in two families of headers; the address has no plan."""
    to_the_next_hour(asking)
    key = asking.world.keys.find(asking.venue.api_key())
    assert key is not None
    is_own = "apiKey" in operation.schemes
    for number in (1, 2):
        headers = asking.key() if is_own else asking.tenant() if "tenantKey" in operation.schemes else {}
        if operation.schemes == {"bearer"}:
            to_the_next_hour(asking)
            headers, number = asking.session(), 1
        answer = asking.ask(operation, headers)
        told = [
            {name.removeprefix(each): text for name, text in answer.headers.items() if name.startswith(each)}
            for each in FAMILIES
        ]
        assert told[0] == told[1]
        named = is_own or operation.schemes == {"bearer"}
        assert told[0].keys() == (OWN if named else PUBLIC), dict(answer.headers)
        limit = 1800 if named else 3000 if "tenantKey" in operation.schemes else 600
        assert (told[0]["limit"], told[0]["remaining"]) == (str(limit), str(limit - number))
        assert float(told[0]["reset"]) == asking.world.clock.seconds() // 60 * 60 + 60
        if named:
            assert told[0]["tier"] == "pro"
            assert (told[0]["limit-per-second"], told[0]["remaining-per-second"]) == ("30", str(30 - number))


@pytest.mark.parametrize(("operation", "limit", "tier"), listed("pro", "pro_plus", "enterprise"))
def test_the_pacer_keeps_the_same_windows(operation: Operation, limit: dict[str, Any], tier: str) -> None:
    """The client lets no more requests leave in a window than the spec says, and no fewer of the tightest."""
    pacer, wire = Pacer(tier), WIRE[operation.id]
    tightest = min(rate_of(each, tier) for each in limits_of(operation))
    left = sum(pacer.reserve(wire, EARLY, 0.0) == 0.0 for _ in range(tightest + 1))
    if limit.get("ahead"):
        # a cancel is counted and does not wait
        assert left == tightest + 1
        assert pacer.reserve(WIRE["Account_GetHistory"], EARLY, 1e6) > 0
    else:
        assert left == tightest <= rate_of(limit, tier)
        assert pacer.reserve(wire, EARLY, 1e6) == pytest.approx(1.0)


NARROW = [
    "Account_GetHistory",
    "Orders_PlaceOrder",
    "Books_GetMidpoint",
    "Keys_ListKeys",
    "Markets_ListMarkets",
]


@settings(max_examples=20, derandomize=True, database=None, deadline=None)
@given(
    st.sampled_from(sorted(KEYS)),
    st.floats(0, 59, allow_nan=False),
    st.lists(
        st.tuples(st.sampled_from(NARROW), st.floats(0, 0.05, allow_nan=False)), min_size=100, max_size=300
    ),
)
def test_what_the_client_lets_out_the_sandbox_lets_in(
    tier: str, begin: float, story: list[tuple[str, float]]
) -> None:
    """However calls are mixed, spaced and begun, a request that left at its time is never refused."""
    clock = Clock()
    clock.freeze()
    clock.advance(60 - clock.seconds() % 60 + begin)
    began = clock.seconds()
    pacer, windows = Pacer(tier), Limits(clock, enabled=True)
    now, leaving = 0.0, []
    for name, pause in story:
        now += pause
        leaving.append((now + pacer.reserve(WIRE[name], EARLY + now, 1e6), name))
    for moment, name in sorted(leaving):
        clock.advance(max(0.0, began + moment - clock.seconds()))
        assert not counted(windows, name, tier).wait, (moment, name)


def counted(windows: Limits, name: str, tier: str) -> Room:
    """Count a request as the sandbox does."""
    if limits_of(POLYSIM.operations[name])[0]["scope"] == "key":
        return windows.of_caller("me", tier, TIERS[tier])
    return windows.of_address(CLIENT)
