"""Pages follow each other as the spec says, and paging always ends or fails."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from polyspec_wire import Call, clob, polysimulator
from polyspec_wire._call import Page
from polyspec_wire.us_exchange import OPERATIONS, refdata, report, rfqs
from polyspec_wire.us_exchange import models as m

from polyspec.core.paging import items, next_page
from polyspec.errors import ConfigError, DecodeError
from tests.unit.calls import a_call

PAGED = sorted((each for each in OPERATIONS.values() if each.page is not None), key=lambda each: each.name)


def _answer(operation: Any, **fields: Any) -> Any:
    kind = next(iter(operation.success.values()))
    return msgspec.convert(fields, kind, strict=False)


def _first(operation: Any) -> Call[Any]:
    if operation.body is None:
        return Call(operation=operation, path=operation.path, query=(("pageSize", "10"), ("symbol", "s")))
    required = dict.fromkeys((), "x")
    return Call(operation=operation, path=operation.path, body=msgspec.convert(required, operation.body))


@pytest.mark.parametrize("operation", PAGED, ids=lambda each: each.name)
def test_every_paged_operation(operation: Any) -> None:
    """Each paged operation of the spec is walked: token handed over, items found, end seen."""
    rule = operation.page
    call = _first(operation)
    following = next_page(call, _answer(operation, **{rule.response: "t2"}))
    assert following is not None
    sent = dict(following.query) if operation.body is None else msgspec.to_builtins(following.body)
    assert sent[rule.request] == "t2"
    assert next_page(following, _answer(operation, **{rule.response: ""})) is None
    assert items(call, _answer(operation)) == []
    with pytest.raises(DecodeError, match="would not end"):
        next_page(following, _answer(operation, **{rule.response: "t2"}))


def test_token_in_the_body() -> None:
    """The token goes into the body, and everything else in it stays."""
    call = refdata.list_instruments(m.ListInstrumentsRequest(page_size=2, symbols=["a"]))
    following = next_page(call, m.ListInstrumentsResponse(next_page_token="t"))
    assert following is not None
    assert following.body == m.ListInstrumentsRequest(page_size=2, symbols=["a"], page_token="t")
    assert call.body.page_token == ""


def test_cursor_in_the_query() -> None:
    """The cursor replaces its predecessor in the query, and the other parameters stay."""
    call: Any = rfqs.get_rfqs()
    call = msgspec.structs.replace(call, query=(("limit", "5"), ("state", "a"), ("state", "b")))
    second = next_page(call, m.GetRFQsResponse(cursor="c1"))
    assert second is not None
    third = next_page(second, m.GetRFQsResponse(cursor="c2"))
    assert third is not None
    assert third.query == (("limit", "5"), ("state", "a"), ("state", "b"), ("cursor", "c2"))


def test_end_by_flag() -> None:
    """The end flag ends it although a token is there, and an empty token ends it although the flag is not."""
    call = refdata.list_instruments(m.ListInstrumentsRequest())
    assert next_page(call, m.ListInstrumentsResponse(next_page_token="t", eof=True)) is None
    assert next_page(call, m.ListInstrumentsResponse(next_page_token="", eof=False)) is None
    assert next_page(call, m.ListInstrumentsResponse(next_page_token="t", eof=False)) is not None


CLOB_PAGED = sorted(
    (each for each in clob.OPERATIONS.values() if each.page is not None), key=lambda each: each.name
)


@pytest.mark.parametrize("operation", CLOB_PAGED, ids=lambda each: each.name)
def test_end_by_token(operation: Any) -> None:
    """Each listing of the CLOB is walked to its end token, which is not sent back."""
    rule = operation.page
    call = Call(operation=operation, path=operation.path, query=(("market", "0x1"),))
    page = _answer(operation, data=[], next_cursor="MTAw")
    assert items(call, page) == []
    following = next_page(call, page)
    assert following is not None
    assert following.query == (("market", "0x1"), (rule.request, "MTAw"))
    assert next_page(following, _answer(operation, data=[], next_cursor="LTE=")) is None
    assert next_page(call, _answer(operation, data=[], next_cursor="")) is None
    with pytest.raises(DecodeError, match="would not end"):
        next_page(following, page)


def test_every_listing_of_the_clob_has_an_end() -> None:
    """Whatever of the CLOB takes or gives a cursor is paged, and ends at the same token."""
    assert {each.page.end for each in CLOB_PAGED} == {"LTE="}
    names = {each.name for each in CLOB_PAGED}
    for each in clob.OPERATIONS.values():
        takes = any(parameter.name in ("next_cursor", "offset") for parameter in each.parameters)
        gives = any("next_cursor" in getattr(kind, "__struct_fields__", ()) for kind in each.success.values())
        assert takes == gives == (each.name in names)


SIM_PAGED = sorted(
    (each for each in polysimulator.OPERATIONS.values() if each.page is not None), key=lambda each: each.name
)


def _sim_page(operation: Any, **fields: Any) -> Any:
    kinds = operation.success[200]
    page = next(kind for kind in (kinds if isinstance(kinds, tuple) else [kinds]) if isinstance(kind, type))
    return msgspec.convert({operation.page.items: [], **fields}, page, strict=False)


@pytest.mark.parametrize("operation", SIM_PAGED, ids=lambda each: each.name)
def test_every_listing_of_polysimulator(operation: Any) -> None:
    """Each listing of PolySimulator is walked by its cursor, and ends without one or at the end token."""
    rule = operation.page
    call = Call(operation=operation, path=operation.path, query=(("limit", "5"), ("envelope", "true")))
    page = _sim_page(operation, next_cursor="NTA=")
    assert items(call, page) == []
    following = next_page(call, page)
    assert following is not None
    assert following.query == (*call.query, (rule.request, "NTA="))
    assert next_page(following, _sim_page(operation)) is None
    assert next_page(following, _sim_page(operation, next_cursor="")) is None
    assert (next_page(following, _sim_page(operation, next_cursor="LTE=")) is None) == (rule.end == "LTE=")
    with pytest.raises(DecodeError, match="would not end"):
        next_page(following, page)


def test_which_listings_of_polysimulator_have_pages() -> None:
    """Whatever of PolySimulator takes a cursor is paged."""
    takes = {
        each.name
        for each in polysimulator.OPERATIONS.values()
        if any(parameter.name == "cursor" for parameter in each.parameters)
    }
    assert {each.name for each in SIM_PAGED} == takes
    assert len(takes) == 9


def test_end_by_the_flag_that_says_more() -> None:
    """A cursor that is there is followed unless the listing says that there is no more."""
    call = polysimulator.orders.list_orders()
    page = polysimulator.models.OrderPage(orders=[], next_cursor="c")
    for more, ends in ((None, False), (True, False), (False, True)):
        assert (next_page(call, msgspec.structs.replace(page, has_more=more)) is None) == ends


def test_a_bare_list_has_no_pages() -> None:
    """A listing answered without its envelope is not taken for the last page."""
    call = polysimulator.markets.list_markets()
    for step in (items, next_page):
        with pytest.raises(DecodeError, match=r"list_markets.*ask for an envelope"):
            step(call, [])


def test_items_that_are_null() -> None:
    """A listing whose items are null lists nothing."""
    call: Any = rfqs.get_rfqs()
    rule = Page(request="cursor", response="cursor", items="rfqs")
    operation = msgspec.structs.replace(call.operation, page=rule)

    class Null(msgspec.Struct):
        rfqs: list[int] | None = None
        cursor: str = ""

    assert items(msgspec.structs.replace(call, operation=operation), Null()) == []


def test_empty_pages_do_not_end_it() -> None:
    """A page without items but with a token is followed: servers filter after they cut pages."""
    call = refdata.list_instruments(m.ListInstrumentsRequest())
    page = m.ListInstrumentsResponse(next_page_token="t")
    assert items(call, page) == []
    assert next_page(call, page) is not None


def test_older_name_of_the_items() -> None:
    """A listing that an older dialect gives another name is read under either."""
    call = report.search_orders(m.SearchOrdersRequest())
    order = m.Order(id="1")
    assert items(call, m.SearchOrdersResponse(order=[order])) == [order]
    assert items(call, m.SearchOrdersResponse(orders=[order])) == [order]
    assert items(call, m.SearchOrdersResponse()) == []


def test_repeated_token() -> None:
    """A server that answers the token it was asked with would be asked for ever; that is an error."""
    call = refdata.list_instruments(m.ListInstrumentsRequest(page_token="t"))
    with pytest.raises(DecodeError, match=r"refdata\.list_instruments"):
        next_page(call, m.ListInstrumentsResponse(next_page_token="t"))
    assert next_page(call, m.ListInstrumentsResponse(next_page_token="t", eof=True)) is None


def test_operations_without_pages() -> None:
    """Paging through what has no pages is an error of the caller."""
    with pytest.raises(ConfigError, match="no pages"):
        next_page(a_call(), m.ListInstrumentsResponse())
    with pytest.raises(ConfigError, match="no pages"):
        items(a_call(), m.ListInstrumentsResponse())


def test_rule_that_does_not_fit() -> None:
    """A spec whose paging rule names no field of its schemas is named."""
    operation = msgspec.structs.replace(
        a_call().operation, page=Page(request="pageToken", response="elsewhere", items="instruments")
    )
    with pytest.raises(ConfigError, match="elsewhere"):
        next_page(Call(operation=operation, path="/"), m.ListInstrumentsResponse())
