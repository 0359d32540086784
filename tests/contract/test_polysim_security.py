"""PolySimulator's sandbox asks of every operation the credentials its ``security`` in the spec names."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from typing import Any

import httpx
import pytest

from polyspec.sandbox import Sandbox
from tests.contract.judging import answer_findings
from tests.contract.polysim_asking import HEADERS, NOBODYS, Asking
from tests.contract.spec import POLYSIM, Operation

OPERATIONS = [pytest.param(each, id=each.id) for each in POLYSIM.operations.values()]
# what is wrong with a key, by what the sandbox calls it
NOT_HELD = {"revoked_api_key": "KEY_DEACTIVATED", "expired_api_key": "KEY_EXPIRED"}


@pytest.fixture(scope="module")
def asking() -> Iterator[Asking]:
    """A quiet sandbox in process, without rate limits."""
    with (
        Sandbox(venues=["polysimulator"], port=False, quiet=True, rate_limits=False) as sandbox,
        closing(Asking(sandbox)) as opened,
    ):
        yield opened


def takes(operation: Operation, scheme: str) -> bool:
    """Tell whether some alternative of an operation is a scheme alone."""
    return any(set(each) == {scheme} for each in operation.security)


def is_open(operation: Operation) -> bool:
    """Tell whether an operation goes without credentials."""
    return not operation.security or {} in operation.security


def permissions(operation: Operation) -> set[str]:
    """Return what a key must be allowed to do."""
    return {scope for each in operation.security for scopes in each.values() for scope in scopes}


def assert_refused(operation: Operation, answer: httpx.Response, status: int, *codes: str) -> None:
    """Fail unless an answer is a refusal with one of the codes, in the shape of the spec."""
    assert answer.status_code == status, answer.text
    assert answer.headers["x-polysim-code"] in codes, dict(answer.headers)
    assert answer_findings(operation, status, answer.content) == [], answer.text


def assert_passed(operation: Operation, answer: httpx.Response) -> None:
    """Fail if whoever asked was turned away for what they are."""
    assert answer.status_code not in (401, 402, 403, 500, 501), answer.text
    assert answer_findings(operation, answer.status_code, answer.content) == [], answer.text


@pytest.mark.parametrize("operation", OPERATIONS)
def test_without_credentials_only_what_is_open_is_answered(asking: Asking, operation: Operation) -> None:
    """Nobody in particular is 401 wherever the spec names a credential and no way around it."""
    answer = asking.ask(operation, {})
    if is_open(operation):
        assert_passed(operation, answer)
    else:
        assert_refused(operation, answer, 401, "MISSING_AUTH", "MISSING_API_KEY")


@pytest.mark.parametrize("operation", OPERATIONS)
def test_credentials_come_before_shapes(asking: Asking, operation: Operation) -> None:
    """Who may not ask is told so whatever the request looks like, and learns nothing else."""
    if is_open(operation):
        assert_passed(operation, asking.ask(operation, {}, content=b"{"))
    else:
        assert asking.ask(operation, {}, content=b"{", params={"limit": "x"}).status_code == 401


@pytest.mark.parametrize("operation", OPERATIONS)
def test_keys_open_what_the_spec_says_in_any_header(asking: Asking, operation: Operation) -> None:
    """A key in one of its four headers is enough where the spec lists it, and no key does elsewhere."""
    for header in HEADERS:
        for name, held in (("api_key", {"read", "trade"}), ("read_only_api_key", {"read"})):
            answer = asking.ask(operation, asking.key(name, header))
            if takes(operation, "tenantKey"):
                # a key of somebody in the header of a partner is known, and may not do this
                known = header == "X-API-Key"
                codes = ("INSUFFICIENT_PERMISSION",) if known else ("MISSING_API_KEY",)
                assert_refused(operation, answer, 403 if known else 401, *codes)
            elif takes(operation, "apiKey") and not permissions(operation) <= held:
                assert_refused(operation, answer, 403, "INSUFFICIENT_PERMISSION")
            elif takes(operation, "apiKey") or is_open(operation):
                assert_passed(operation, answer)
            else:
                assert_refused(operation, answer, 401, "MISSING_AUTH")


@pytest.mark.parametrize("operation", OPERATIONS)
def test_keys_that_do_not_hold_open_nothing(asking: Asking, operation: Operation) -> None:
    """A revoked, an expired and an unknown key are 401 with their own code, in any header."""
    wrong = {asking.venue.api_key(name): code for name, code in NOT_HELD.items()}
    wrong |= dict.fromkeys(
        (NOBODYS, f"{asking.venue.api_key()[:-1]}x", "ps_live_", "ps_test_1"), "INVALID_KEY"
    )
    for header in HEADERS:
        for key, code in wrong.items():
            answer = asking.ask(operation, asking.carried(key, header))
            if takes(operation, "apiKey"):
                assert_refused(operation, answer, 401, code)
            elif is_open(operation):
                assert_passed(operation, answer)
            elif takes(operation, "bearer"):
                assert_refused(operation, answer, 401, "MISSING_AUTH", "INVALID_TOKEN")
            else:
                assert answer.status_code in (401, 403), answer.text


@pytest.mark.parametrize("operation", OPERATIONS)
def test_sessions_open_what_the_spec_says(asking: Asking, operation: Operation) -> None:
    """The dashboard's token is enough where the spec lists it; elsewhere it is as good as nothing."""
    answer = asking.ask(operation, asking.session())
    if takes(operation, "bearer") or is_open(operation):
        assert_passed(operation, answer)
    else:
        assert_refused(operation, answer, 401, "MISSING_API_KEY")


@pytest.mark.parametrize("operation", OPERATIONS)
def test_sessions_that_do_not_hold_open_nothing(asking: Asking, operation: Operation) -> None:
    """A token that is over, of the anonymous role, of nobody, for something else or unsigned is 401."""
    tokens, user = asking.world.tokens, asking.world.users.of_email("pro@example.com")
    assert user is not None
    good = tokens.session(user.auth_id)
    wrong = {
        tokens.session(user.auth_id, life=-1): "TOKEN_EXPIRED",
        tokens.session(user.auth_id, role="anon"): "INVALID_TOKEN",
        tokens.session(user.auth_id, aud="ws"): "INVALID_TOKEN",
        tokens.session("nobody"): "INVALID_TOKEN",
        tokens.session("5e0f8a4c-0000-4000-8000-000000000000"): "USER_NOT_FOUND",
        tokens.websocket(user.id, None): "INVALID_TOKEN",
        good.rpartition(".")[0] + ".": "INVALID_TOKEN",
        "x": "INVALID_TOKEN",
    }
    for token, code in wrong.items():
        answer = asking.ask(operation, {"Authorization": f"Bearer {token}"})
        if takes(operation, "bearer"):
            assert_refused(operation, answer, 401, code)
        elif is_open(operation):
            assert_passed(operation, answer)
        else:
            assert answer.status_code == 401


@pytest.mark.parametrize("operation", OPERATIONS)
def test_partners_do_what_partners_do(asking: Asking, operation: Operation) -> None:
    """A partner's key opens what asks for one, and is no key of anything else."""
    answer = asking.ask(operation, asking.tenant())
    if takes(operation, "tenantKey") or not operation.security:
        assert_passed(operation, answer)
    elif takes(operation, "apiKey"):
        assert_refused(operation, answer, 401, "INVALID_KEY")
    else:
        assert_refused(operation, answer, 401, "MISSING_AUTH")


def test_every_kind_of_security_occurs() -> None:
    """What is judged has all kinds of operations: open, with either, key or session alone, for partners."""
    every = POLYSIM.operations.values()
    kinds = {tuple(sorted(name for each in op.security for name in each)) for op in every}
    assert kinds == {(), ("apiKey",), ("apiKey", "bearer"), ("bearer",), ("tenantKey",)}
    assert {} in POLYSIM.operations["Markets_ListMarkets"].security
    trading = {op.id for op in every if permissions(op) == {"trade"}}
    assert len(trading) == 12


def test_a_judge_of_credentials_can_fail(asking: Asking) -> None:
    """An operation judged by the security of another is found out, either way round."""
    listing, balance = (POLYSIM.operations[each] for each in ("Account_GetHistory", "Books_GetServerTime"))
    for asked, claimed in ((listing, balance), (balance, listing)):
        wrong: Any = Operation(
            asked.id,
            asked.method,
            asked.path,
            asked.tag,
            {**asked.raw, "security": claimed.security},
            POLYSIM,
        )
        with pytest.raises(AssertionError):
            test_without_credentials_only_what_is_open_is_answered(asking, wrong)
