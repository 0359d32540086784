"""Requests for quotes through either of the older Python packages, whose clients for it are alike."""

from __future__ import annotations

import importlib
import time
from collections.abc import Callable
from typing import Any

__all__ = ["Quoting"]

_LIFE = 600


class Quoting:
    """Steps of a driver that has clients by name and a way to call them."""

    _clients: dict[str, Any]

    def __init__(self, package: str, asked: Callable[..., Any]) -> None:
        self._types = importlib.import_module(f"{package}.rfq.rfq_types")
        self._call = asked

    def rfq_ask(self, name: str, token: str, side: str, price: str, size: str) -> str:
        """Ask for quotes and return the id of the request."""
        wanted = self._types.RfqUserRequest(token_id=token, price=float(price), side=side, size=float(size))
        return str(self._call(self._clients[name].rfq.create_rfq_request, wanted)["requestId"])

    def rfq_quote(self, name: str, request: str, token: str, side: str, price: str, size: str) -> str:
        """Answer a request and return the id of the quote."""
        offer = self._types.RfqUserQuote(
            request_id=request, token_id=token, price=float(price), side=side, size=float(size)
        )
        return str(self._call(self._clients[name].rfq.create_rfq_quote, offer)["quoteId"])

    def rfq_requests(self, name: str) -> list[dict[str, Any]]:
        """List the requests that can be quoted."""
        params = self._types.GetRfqRequestsParams(state="active")
        return list(self._call(self._clients[name].rfq.get_rfq_requests, params)["data"])

    def rfq_best(self, name: str, request: str) -> dict[str, Any]:
        """Return the best quote of a request."""
        params = self._types.GetRfqBestQuoteParams(request_id=request)
        return dict(self._call(self._clients[name].rfq.get_rfq_best_quote, params))

    def rfq_accept(self, name: str, request: str, quote: str) -> object:
        """Accept a quote."""
        ends = int(time.time()) + _LIFE
        params = self._types.AcceptQuoteParams(request_id=request, quote_id=quote, expiration=ends)
        return self._call(self._clients[name].rfq.accept_rfq_quote, params)

    def rfq_approve(self, name: str, request: str, quote: str) -> object:
        """Approve an accepted quote of one's own."""
        ends = int(time.time()) + _LIFE
        params = self._types.ApproveOrderParams(request_id=request, quote_id=quote, expiration=ends)
        return self._call(self._clients[name].rfq.approve_rfq_order, params)
