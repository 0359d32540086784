"""The balance ledger and the funding reads."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from typing import Any, Final

import msgspec
from polyspec_wire.us_exchange import models as m

from polyspec.sandbox.engine import types as t
from polyspec.sandbox.http.clock import from_ns
from polyspec.sandbox.us import mapping
from polyspec.sandbox.us.csvfile import chunks
from polyspec.sandbox.us.handlers.positions import page_size, period
from polyspec.sandbox.us.ownership import firm_account
from polyspec.sandbox.us.paging import Page, page, scope_of
from polyspec.sandbox.us.refusals import aborted, invalid, missing
from polyspec.sandbox.us.registry import Asked, handles

__all__: list[str] = []

_SUPPRESSED: Final = frozenset(
    {
        "NETTING",
        "SECURITY_BALANCE_ADJUSTMENT",
        "SECURITY_MARK_TO_MARKET",
        "CONTRACT_EXPIRATION",
        "PENDING_CREDIT_ADJUSTMENT",
        "BEGINNING_OF_DAY",
        "SECURITY_WITHDRAWAL",
        "AVERAGE_PRICE_TRANSFER",
        "GIVE_UP",
        "SYNCHRONIZATION",
        "INTEREST",
        "SETTLEMENT_FEE",
    }
)
_LONGEST_DESCRIPTION: Final = 200
_MOVES: Final = {
    t.LedgerEntryType.DEPOSIT: m.FundingTransactionType.DEPOSIT,
    t.LedgerEntryType.WITHDRAWAL: m.FundingTransactionType.WITHDRAWAL,
    t.LedgerEntryType.MANUAL_TRANSFER: m.FundingTransactionType.TRANSFER,
    t.LedgerEntryType.MANUAL_ADJUSTMENT: m.FundingTransactionType.MANUAL_ADJUSTMENT,
}
_LEDGER = (
    "id", "account", "currency", "entry_type", "before_balance", "after_balance", "symbol", "update_time",
    "description",
)  # fmt: skip


class Name(msgspec.Struct):
    """What a caller named a funding account."""

    name: str
    aliases: dict[str, str] = {}


# -- ledger --


def _entries(asked: Asked) -> list[t.LedgerEntry]:
    query = asked.query
    account = firm_account(asked, query["account"])
    wanted = {each.name for each in query.get("entry_types", ())}
    if hidden := sorted(wanted & _SUPPRESSED):
        raise aborted(f"entry type {hidden[0]} is not available")
    description = query.get("description", "")
    if len(description) > _LONGEST_DESCRIPTION:
        raise invalid(f"description must be at most {_LONGEST_DESCRIPTION} characters")
    if query.get("currency", "USD") not in ("", "USD"):
        return []
    symbol, (first, last) = query.get("symbol", ""), period(query)
    return [
        each
        for each in asked.world.exchange.ledger_entries(account)
        if first <= each.time <= last
        and (not wanted or each.type.name in wanted)
        and description in each.description
        and symbol in ("", each.symbol)
    ]


@handles("FundingAPI_GetAccountBalanceLedger")
def get_ledger(asked: Asked) -> m.GetAccountBalanceLedgerResponse:
    """List the changes of cash, oldest first unless asked otherwise."""
    cut = _cut(asked, _entries(asked), lambda each: each.sequence)
    return m.GetAccountBalanceLedgerResponse(
        entries=[mapping.balance_entry(each) for each in cut.items], next_page_token=cut.token, eof=cut.eof
    )


@handles("FundingAPI_DownloadBalanceLedger")
def download_ledger(asked: Asked) -> Iterator[m.DownloadBalanceLedgerLine]:
    """Stream the balance ledger as CSV."""
    page_size(asked.query)
    entries = _entries(asked)
    rows = [
        [
            each.id,
            each.account,
            "USD",
            m.LedgerEntryType[each.type.name].value,
            mapping.dollars(each.before),
            mapping.dollars(each.after),
            each.symbol,
            from_ns(each.time).isoformat(),
            each.description,
        ]
        for each in (reversed(entries) if asked.query.get("newest_first") else entries)
    ]
    for text in chunks(_LEDGER, rows):
        data = base64.b64encode(text.encode()).decode()
        yield m.DownloadBalanceLedgerLine(result=m.DownloadBalanceLedgerResponse(data=data))


# -- funding accounts and what moved through them --


def _accounts(asked: Asked) -> list[str]:
    """Return the accounts of the acting participant, or all of the firm's without one."""
    if asked.acting is not None:
        return list(asked.acting.accounts)
    owners = [each for each in asked.world.participants.values() if each.clearing_firm == asked.firm]
    return [account for owner in owners for account in owner.accounts]


@handles("FundingAPI_ListFundingSources")
def list_sources(asked: Asked) -> m.ListFundingSourcesResponse:
    """List bank accounts and cards; nothing can be linked in a sandbox, so there are none."""
    page_size(asked.query)
    return m.ListFundingSourcesResponse(eof=True)


@handles("FundingAPI_ListFundingAccounts")
def list_accounts(asked: Asked) -> m.ListFundingAccountsResponse:
    """List the accounts money is moved in and out of."""
    wanted, kind = asked.query.get("account_ids"), asked.query.get("account_type")
    if kind is not None and kind not in (m.AccountType.UNDEFINED, m.AccountType.CLEARING):
        return m.ListFundingAccountsResponse(eof=True)
    ids = [each for each in _accounts(asked) if not wanted or _id(each) in wanted or each in wanted]
    cut = _cut(asked, ids, lambda each: each)
    names = asked.world.store.load("funding_account", Name)
    return m.ListFundingAccountsResponse(
        accounts=[_account(asked, each, names.get(each)) for each in cut.items],
        next_page_token=cut.token,
        eof=cut.eof,
    )


@handles("FundingAPI_UpdateFundingAccount")
def update_account(asked: Asked) -> m.UpdateFundingAccountResponse:
    """Rename a funding account."""
    wanted = asked.path["id"]
    account = next((each for each in _accounts(asked) if wanted in (each, _id(each))), None)
    if account is None:
        raise missing(f"funding account {wanted} not found")
    update = asked.body.account
    known = asked.world.store.load("funding_account", Name).get(account, Name(""))
    changed = Name(update.name or known.name, {**known.aliases, **update.aliases})
    asked.world.store.put("funding_account", account, changed)
    return m.UpdateFundingAccountResponse(account=_account(asked, account, changed))


def _id(account: str) -> str:
    return account.rpartition("/")[2]


def _account(asked: Asked, account: str, given: Name | None) -> m.FundingAccount:
    named = given or Name("")
    owner = asked.world.roster.owner(account)
    entries = asked.world.exchange.ledger_entries(account)
    return m.FundingAccount(
        id=_id(account),
        name=named.name or (owner.display_name if owner is not None else ""),
        account_type=m.AccountType.CLEARING,
        risk_account_id=account,
        creation_time=from_ns(entries[0].time) if entries else None,
        aliases=named.aliases,
    )


@handles("FundingAPI_ListFundingTransactions")
def list_transactions(asked: Asked) -> m.ListFundingTransactionsResponse:
    """List deposits, withdrawals and transfers; in a sandbox each is complete when it is made."""
    query = asked.query
    wanted = query.get("account_id", "")
    types = {each.name for each in query.get("transaction_types", ())}
    states = set(query.get("transaction_states", ()))
    if states and m.FundingTransactionState.COMPLETED not in states:
        return m.ListFundingTransactionsResponse(eof=True)
    first, last = period(query)
    found = [
        entry
        for account in _accounts(asked)
        if wanted in ("", account, _id(account))
        for entry in asked.world.exchange.ledger_entries(account)
        if entry.type in _MOVES
        and (not types or _MOVES[entry.type].name in types)
        and query.get("currency", "USD") in ("", "USD")
        and first <= entry.time <= last
    ]
    cut = _cut(asked, sorted(found, key=lambda each: each.sequence), lambda each: each.sequence)
    return m.ListFundingTransactionsResponse(
        transactions=[_transaction(each) for each in cut.items], next_page_token=cut.token, eof=cut.eof
    )


def _transaction(entry: t.LedgerEntry) -> m.FundingTransaction:
    return m.FundingTransaction(
        transaction_id=entry.id,
        funding_transaction_id=entry.reference or entry.id,
        amount=mapping.dollars(abs(entry.amount)),
        currency="USD",
        description=entry.description,
        ledger_entry_type=m.LedgerEntryType[entry.type.name],
        transaction_type=_MOVES[entry.type],
        transaction_state=m.FundingTransactionState.COMPLETED,
        transact_time=from_ns(entry.time),
        account_id=_id(entry.account),
        before_balance=mapping.dollars(entry.before),
        after_balance=mapping.dollars(entry.after),
    )


@handles("FundingAPI_ListTransactionRequirements")
def list_requirements(asked: Asked) -> m.ListTransactionRequirementsResponse:
    """List what a deposit must fulfil; the sandbox demands nothing."""
    page_size(asked.query)
    return m.ListTransactionRequirementsResponse(eof=True)


def _cut(asked: Asked, items: list[Any], key: Any) -> Page[Any]:
    query = asked.query
    filters = {name: str(value) for name, value in query.items() if not name.startswith("page_")}
    return page(
        items,
        key,
        size=page_size(query),
        token=query.get("page_token", ""),
        scope=scope_of(asked.operation.id, asked.firm, filters),
        newest_first=query.get("newest_first", False),
    )
