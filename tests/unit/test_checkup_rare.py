"""What no sandbox can be made to say: the words of the checks for it, from values alone."""

from __future__ import annotations

from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest
from polyspec_wire.clob import models as clob_wire
from polyspec_wire.polysimulator import models as sim_wire

from polyspec.clob import checkup_orders as clob_orders
from polyspec.clob.balances import BalanceAllowance
from polyspec.clob.contracts import exchange_of
from polyspec.clob.market import TokenMarkets
from polyspec.clob.wallets import choose_wallet
from polyspec.core.checkup import Check, Found
from polyspec.core.effects import Flow, Now
from polyspec.core.findings import Finding, Severity
from polyspec.core.sending import Session
from polyspec.errors import AuthError, BadRequest, CircuitOpen, Forbidden, NotFound
from polyspec.io.checkups_vault import vaulted
from polyspec.io.options import HttpOptions
from polyspec.polysimulator import checkup as sim
from polyspec.polysimulator import checkup_money as sim_money
from polyspec.us import checkup as us
from polyspec.us import checkup_money as us_money
from polyspec.us.protos import ours
from tests.unit.flows import World

KEY = "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266"
V1 = exchange_of(1, 137, neg_risk=False)


def clob_visit(**known: Any) -> Any:
    """Return an examination of a CLOB client that has credentials."""
    patient = SimpleNamespace(
        host="https://x.example",
        session=None,
        account=choose_wallet(KEY),
        address=KEY,
        chain_id=137,
        version=2,
        markets=TokenMarkets(300.0),
        beating=(),
        http=HttpOptions(),
    )
    return clob_orders._OrdersVisit(patient=patient, session=None, signed=object(), **known)  # type: ignore[arg-type]


def test_an_allowance_for_what_settles_nothing() -> None:
    """An allowance for a retired exchange, and none for those that settle, is told with both."""
    own = BalanceAllowance(Decimal(50), {V1: Decimal(10) ** 71})
    found: Found = []
    World().run(clob_visit(own=own).allowance(found))
    [wrong] = found
    assert (wrong.code, wrong.severity) == ("allowance.wrong_spender", Severity.ERROR)
    assert V1 in wrong.what
    assert exchange_of(2, 137, neg_risk=False) in wrong.fix
    assert wrong.facts["stray"] == [V1]


@pytest.mark.parametrize("version", [None, 1, 9])
def test_a_version_nobody_knows_asks_for_the_allowances_of_ours(version: int | None) -> None:
    """Where the venue's version is not known, the exchanges of the client's own version are meant."""
    granted = {exchange_of(2, 137, neg_risk=each): Decimal(60) for each in (False, True)}
    granted[exchange_of(3, 137, neg_risk=False)] = Decimal(60)
    found: Found = []
    World().run(clob_visit(own=BalanceAllowance(Decimal(50), granted), version=version).allowance(found))
    assert [each.code for each in found] == ["allowance.ok"]


class Refused(clob_orders._OrdersVisit):
    """An examination at a venue that knows two types of wallets, and no bans."""

    def ask(self, session: Any, call: Any) -> Flow[Any]:
        """Answer, or refuse as the venue does."""
        yield Now()
        if call.path.endswith("closed-only"):
            raise NotFound("not found", status=404)
        query = dict(call.query)
        if query["signature_type"] not in ("0", "1"):
            raise BadRequest("Invalid signature_type", status=400)
        return clob_wire.BalanceAllowanceResponse(balance=Decimal(7_000_000), allowances={})


def test_wallets_that_the_venue_does_not_show() -> None:
    """A wallet of a type the venue refuses to look into is not called empty, wrong or without approvals."""
    visit: Any = Refused(
        **{field: getattr(clob_visit(), field) for field in ("patient", "session", "signed")}
    )
    visit.patient.account = choose_wallet(KEY, 137, 3)
    found: Found = []
    World().run(visit.wallet(found))
    World().run(visit.allowance(found))
    assert [each.code for each in found] == ["wallet.unseen"]


def test_an_account_of_which_no_ban_is_known() -> None:
    """That the venue has no word on bans of an account is no failure."""
    visit: Any = Refused(
        **{field: getattr(clob_visit(), field) for field in ("patient", "session", "signed")}
    )
    found: Found = []
    World().run(visit.restrictions(found))
    assert [(each.code, each.severity) for each in found] == [("restrictions.unknown", Severity.INFO)]


@pytest.mark.parametrize("body", [None, "<html>"])
def test_a_page_in_place_of_a_refusal(body: str | None) -> None:
    """A page with the status of a refusal says nothing of keys and participants, and is not told so."""
    refusal = Forbidden("not from here", status=403, body=body)
    codes = [us.not_allowed(refusal, "the accounts").code, sim._refused(refusal).code]
    assert codes == (["participant.refused", "key.refused"] if body is None else ["check.foreign"] * 2)


@pytest.mark.parametrize(("until", "told"), [(None, False), (5.0, False), (1e9, True)])
def test_a_user_that_may_be_tried_again(until: float | None, told: bool) -> None:
    """Only while nothing is sent for a user is that an error; once it is tried again, it is not."""
    keeper: Any = SimpleNamespace(held=object(), version=3, adopt=nothing, id="alice")
    keeper.circuit = SimpleNamespace(until=until, error=lambda now, who: CircuitOpen(f"{who} was refused"))
    found: Found = []
    [check] = vaulted(SimpleNamespace(keeper=keeper))  # type: ignore[arg-type]
    World().run(check.run(found))
    assert [each.code for each in found] == ["vault.ok", *(["vault.given_up"] if told else [])]
    assert vaulted(SimpleNamespace()) == []  # type: ignore[arg-type]


def nothing() -> Flow[None]:
    """Do nothing."""
    yield Now()


def us_visit(**known: Any) -> Any:
    """Return an examination of a US client on a live environment."""
    environment = SimpleNamespace(name="prod", audience="https://api.example", grpc=None)
    shared = SimpleNamespace(environment=environment, settings=SimpleNamespace(http=HttpOptions()))
    patient = SimpleNamespace(shared=shared, http=HttpOptions(), **({"grpc": False} | known))
    return us.Visit(patient=patient, session=None)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("claims", "code", "scopes"),
    [
        (None, "token.opaque", None),
        ({"aud": ["https://elsewhere.example"], "scope": "a"}, "token.other_audience", {"a"}),
        ({"aud": "https://api.example/", "scope": "a b"}, None, {"a", "b"}),
        ({}, None, None),
    ],
)
def test_what_a_token_says(claims: Any, code: str | None, scopes: set[str] | None) -> None:
    """A token that cannot be read is told, and so is one for another API; a last slash does not matter."""
    visit, found = us_visit(), list[Finding]()
    visit._claims(found, claims)
    assert [each.code for each in found] == ([] if code is None else [code])
    assert visit.scopes == scopes
    if scopes is None:
        World().run(visit.scopes_granted(found))
        assert found[-1].code == "scopes.unknown"


@pytest.mark.parametrize(
    ("cause", "code"),
    [("stranger", "check.foreign"), ("token_url", "token.token_url"), (None, "token.refused")],
)
def test_token_endpoints_of_strangers(cause: str | None, code: str) -> None:
    """A page or a redirect in place of the token endpoint is no matter of keys, and not told as one."""

    def token(until: float) -> Flow[None]:
        yield Now()
        refusal = AuthError("no")
        refusal.cause = cause
        raise refusal

    visit, found = us_visit(), list[Finding]()
    visit.patient.shared.tokens = SimpleNamespace(token=token)
    visit.patient.shared.credentials = SimpleNamespace(client_id="me")
    World().run(visit.token(found))
    assert [each.code for each in found] == [code]


@pytest.mark.parametrize("over_grpc", [True, False])
def test_protos_at_the_venue(over_grpc: bool) -> None:
    """Our own protos at the venue are an error for calls over gRPC; a bundle is told with what it lacks."""
    found: Found = []
    bundle = SimpleNamespace(source="zip", gaps=lambda: ("no call A.B",))
    whole = SimpleNamespace(source="zip", gaps=tuple)
    for spoken in (ours(), bundle, whole):
        World().run(us_visit(grpc=over_grpc, protos=lambda spoken=spoken: spoken).protos(found))
    severities = [Severity.ERROR if over_grpc else Severity.INFO, Severity.WARNING, Severity.OK]
    assert [each.code for each in found] == ["protos.assigned", "protos.gaps", "protos.ok"]
    assert [each.severity for each in found] == severities
    World().run(us_visit().grpc(found))
    assert found[-1].code == "grpc.none"


class Told(sim_money._MoneyVisit):
    """An examination that is answered with an archived wallet, whatever it asks."""

    def ask(self, call: Any) -> Flow[Any]:
        """Answer."""
        yield Now()
        return sim_wire.WalletOut(id=7, kind=sim_wire.WalletKind.SANDBOX, status="archived")


def test_a_wallet_that_is_shown_as_archived() -> None:
    """A wallet the venue shows as archived takes no orders."""
    patient: Any = SimpleNamespace(wallet_id=7, credentials=SimpleNamespace(api_key="x"))
    found: Found = []
    World().run(Told(patient=patient, session=None).balance(found))  # type: ignore[arg-type]
    assert [each.code for each in found] == ["wallet.archived"]


def test_a_key_of_the_beta() -> None:
    """A key of the beta is told with the hours after which it only reads; what is no moment is ignored."""
    visit: Any = Told(patient=SimpleNamespace(), session=None)  # type: ignore[arg-type]
    found: Found = []
    visit._ending(found, sim_wire.ApiKeyInfo(id=3, beta_until="2027-01-15T10:00:00Z"), 1_800_000_000.0)
    visit._ending(found, sim_wire.ApiKeyInfo(id=4, expires_at="soon"), 1_800_000_000.0)
    [beta] = found
    assert (beta.code, beta.facts) == ("key.beta", {"key_id": 3, "hours": 2.0})


def test_checks_have_names_of_their_own_and_need_what_comes_before() -> None:
    """No venue has two checks of one name, and none needs one that comes later."""
    patient: Any = SimpleNamespace(session=Session("https://x.example", None, lambda: 0.5))  # type: ignore[arg-type]
    lists: list[list[Check]] = [each.checks(patient) for each in (clob_orders, sim_money, us_money)]
    for checks in lists:
        names = [each.name for each in checks]
        assert len(set(names)) == len(names)
        for place, each in enumerate(checks):
            assert set(each.needs) <= set(names[:place])
