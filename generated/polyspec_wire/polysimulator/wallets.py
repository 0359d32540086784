"""Wallets of the caller.

Generated from `polysimulator.openapi.yaml`; do not edit.
"""

from __future__ import annotations

from typing import Final

from polyspec_wire import _call
from polyspec_wire._call import Call, Operation, Parameter, RateLimit
from polyspec_wire.polysimulator.models import (
    ApiError,
    CreateWalletRequest,
    RenameWalletRequest,
    WalletList,
    WalletOut,
)

__all__ = [
    "ARCHIVE_WALLET",
    "CREATE_WALLET",
    "GET_WALLET",
    "LIST_WALLETS",
    "OPERATIONS",
    "RENAME_WALLET",
    "RESET_WALLET",
    "archive_wallet",
    "create_wallet",
    "get_wallet",
    "list_wallets",
    "rename_wallet",
    "reset_wallet",
]

LIST_WALLETS: Final = Operation(
    id="Wallets_ListWallets",
    name="wallets.list_wallets",
    method="GET",
    path="/v1/me/wallets",
    success={200: WalletList},
    failure=ApiError,
    security=((("apiKey", ("read",)),), (("bearer", ()),)),
    rate_limits=(
        RateLimit(
            bucket="KeySecond",
            rate={"free": 2, "pro": 30, "pro_plus": 60, "enterprise": 100},
            per=1,
            window=True,
            scope="key",
        ),
        RateLimit(
            bucket="KeyMinute",
            rate={"free": 120, "pro": 1800, "pro_plus": 3600, "enterprise": 6000},
            per=60,
            window=True,
            scope="key",
        ),
    ),
    retry="safe",
    lane="read",
    parameters=(
        Parameter(name="limit", python="limit", kind="query", type=int, required=False),
        Parameter(name="offset", python="offset", kind="query", type=int, required=False),
    ),
    json="plain",
)


def list_wallets(*, limit: int | None = None, offset: int | None = None) -> Call[WalletList]:
    """List wallets.

    A short page is the last.

    Args:
        limit: Rows per page, at most 200; 50 if absent.
        offset: Rows to skip.

    GET /v1/me/wallets
    Access: apiKey read, or bearer.
    Rate limit: per second free 2, pro 30, pro_plus 60, enterprise 100, shared as KeySecond by each key.
    Rate limit: per minute free 120, pro 1800, pro_plus 3600, enterprise 6000, shared as KeyMinute by
    each key.
    Repeating: may be repeated whatever happened.
    Confidence: documented (PolySimulator OpenAPI).
    """
    return Call(
        operation=LIST_WALLETS,
        path=LIST_WALLETS.path,
        query=_call.query(LIST_WALLETS, limit=limit, offset=offset),
    )


CREATE_WALLET: Final = Operation(
    id="Wallets_CreateWallet",
    name="wallets.create_wallet",
    method="POST",
    path="/v1/me/wallets",
    body=CreateWalletRequest,
    success={200: WalletOut, 201: WalletOut},
    failure=ApiError,
    security=((("apiKey", ("read",)),), (("bearer", ()),)),
    rate_limits=(
        RateLimit(
            bucket="KeySecond",
            rate={"free": 2, "pro": 30, "pro_plus": 60, "enterprise": 100},
            per=1,
            window=True,
            scope="key",
        ),
        RateLimit(
            bucket="KeyMinute",
            rate={"free": 120, "pro": 1800, "pro_plus": 3600, "enterprise": 6000},
            per=60,
            window=True,
            scope="key",
        ),
    ),
    retry="never",
    lane="write",
    json="plain",
)


def create_wallet(body: CreateWalletRequest) -> Call[WalletOut]:
    """Make a sandbox wallet.

    How many a plan allows is not published.

    POST /v1/me/wallets
    Access: apiKey read, or bearer.
    Rate limit: per second free 2, pro 30, pro_plus 60, enterprise 100, shared as KeySecond by each key.
    Rate limit: per minute free 120, pro 1800, pro_plus 3600, enterprise 6000, shared as KeyMinute by
    each key.
    Repeating: do not repeat when the outcome is unknown.
    Confidence: documented (PolySimulator OpenAPI).
    """
    return Call(
        operation=CREATE_WALLET,
        path=CREATE_WALLET.path,
        body=body,
    )


GET_WALLET: Final = Operation(
    id="Wallets_GetWallet",
    name="wallets.get_wallet",
    method="GET",
    path="/v1/me/wallets/{wallet_id}",
    success={200: WalletOut},
    failure=ApiError,
    security=((("apiKey", ("read",)),), (("bearer", ()),)),
    rate_limits=(
        RateLimit(
            bucket="KeySecond",
            rate={"free": 2, "pro": 30, "pro_plus": 60, "enterprise": 100},
            per=1,
            window=True,
            scope="key",
        ),
        RateLimit(
            bucket="KeyMinute",
            rate={"free": 120, "pro": 1800, "pro_plus": 3600, "enterprise": 6000},
            per=60,
            window=True,
            scope="key",
        ),
    ),
    retry="safe",
    lane="read",
    parameters=(Parameter(name="wallet_id", python="wallet_id", kind="path", type=int, required=True),),
    json="plain",
)


def get_wallet(wallet_id: int) -> Call[WalletOut]:
    """Read a wallet.

    Args:
        wallet_id: Id of the wallet.

    GET /v1/me/wallets/{wallet_id}
    Access: apiKey read, or bearer.
    Rate limit: per second free 2, pro 30, pro_plus 60, enterprise 100, shared as KeySecond by each key.
    Rate limit: per minute free 120, pro 1800, pro_plus 3600, enterprise 6000, shared as KeyMinute by
    each key.
    Repeating: may be repeated whatever happened.
    Confidence: documented (PolySimulator OpenAPI).
    """
    return Call(
        operation=GET_WALLET,
        path=_call.fill(GET_WALLET, wallet_id=wallet_id),
    )


ARCHIVE_WALLET: Final = Operation(
    id="Wallets_ArchiveWallet",
    name="wallets.archive_wallet",
    method="DELETE",
    path="/v1/me/wallets/{wallet_id}",
    success={200: WalletOut, 204: None},
    failure=ApiError,
    security=((("apiKey", ("read",)),), (("bearer", ()),)),
    rate_limits=(
        RateLimit(
            bucket="KeySecond",
            rate={"free": 2, "pro": 30, "pro_plus": 60, "enterprise": 100},
            per=1,
            window=True,
            scope="key",
        ),
        RateLimit(
            bucket="KeyMinute",
            rate={"free": 120, "pro": 1800, "pro_plus": 3600, "enterprise": 6000},
            per=60,
            window=True,
            scope="key",
        ),
    ),
    retry="safe",
    lane="write",
    parameters=(Parameter(name="wallet_id", python="wallet_id", kind="path", type=int, required=True),),
    json="plain",
)


def archive_wallet(wallet_id: int) -> Call[WalletOut | None]:
    """Archive a wallet.

    Args:
        wallet_id: Id of the wallet.

    DELETE /v1/me/wallets/{wallet_id}
    Access: apiKey read, or bearer.
    Rate limit: per second free 2, pro 30, pro_plus 60, enterprise 100, shared as KeySecond by each key.
    Rate limit: per minute free 120, pro 1800, pro_plus 3600, enterprise 6000, shared as KeyMinute by
    each key.
    Repeating: may be repeated whatever happened.
    Confidence: documented (PolySimulator OpenAPI).
    """
    return Call(
        operation=ARCHIVE_WALLET,
        path=_call.fill(ARCHIVE_WALLET, wallet_id=wallet_id),
    )


RENAME_WALLET: Final = Operation(
    id="Wallets_RenameWallet",
    name="wallets.rename_wallet",
    method="PATCH",
    path="/v1/me/wallets/{wallet_id}",
    body=RenameWalletRequest,
    success={200: WalletOut},
    failure=ApiError,
    security=((("apiKey", ("read",)),), (("bearer", ()),)),
    rate_limits=(
        RateLimit(
            bucket="KeySecond",
            rate={"free": 2, "pro": 30, "pro_plus": 60, "enterprise": 100},
            per=1,
            window=True,
            scope="key",
        ),
        RateLimit(
            bucket="KeyMinute",
            rate={"free": 120, "pro": 1800, "pro_plus": 3600, "enterprise": 6000},
            per=60,
            window=True,
            scope="key",
        ),
    ),
    retry="safe",
    lane="write",
    parameters=(Parameter(name="wallet_id", python="wallet_id", kind="path", type=int, required=True),),
    json="plain",
)


def rename_wallet(wallet_id: int, body: RenameWalletRequest) -> Call[WalletOut]:
    """Name a wallet.

    Args:
        wallet_id: Id of the wallet.

    PATCH /v1/me/wallets/{wallet_id}
    Access: apiKey read, or bearer.
    Rate limit: per second free 2, pro 30, pro_plus 60, enterprise 100, shared as KeySecond by each key.
    Rate limit: per minute free 120, pro 1800, pro_plus 3600, enterprise 6000, shared as KeyMinute by
    each key.
    Repeating: may be repeated whatever happened.
    Confidence: documented (PolySimulator OpenAPI).
    """
    return Call(
        operation=RENAME_WALLET,
        path=_call.fill(RENAME_WALLET, wallet_id=wallet_id),
        body=body,
    )


RESET_WALLET: Final = Operation(
    id="Wallets_ResetWallet",
    name="wallets.reset_wallet",
    method="POST",
    path="/v1/me/wallets/{wallet_id}/reset",
    success={200: WalletOut},
    failure=ApiError,
    security=((("apiKey", ("read",)),), (("bearer", ()),)),
    rate_limits=(
        RateLimit(
            bucket="KeySecond",
            rate={"free": 2, "pro": 30, "pro_plus": 60, "enterprise": 100},
            per=1,
            window=True,
            scope="key",
        ),
        RateLimit(
            bucket="KeyMinute",
            rate={"free": 120, "pro": 1800, "pro_plus": 3600, "enterprise": 6000},
            per=60,
            window=True,
            scope="key",
        ),
    ),
    retry="never",
    lane="write",
    parameters=(Parameter(name="wallet_id", python="wallet_id", kind="path", type=int, required=True),),
    json="plain",
)


def reset_wallet(wallet_id: int) -> Call[WalletOut]:
    """Put a wallet back to its start.

    Positions are closed, orders cancelled, and the generation goes up.

    Args:
        wallet_id: Id of the wallet.

    POST /v1/me/wallets/{wallet_id}/reset
    Access: apiKey read, or bearer.
    Rate limit: per second free 2, pro 30, pro_plus 60, enterprise 100, shared as KeySecond by each key.
    Rate limit: per minute free 120, pro 1800, pro_plus 3600, enterprise 6000, shared as KeyMinute by
    each key.
    Repeating: do not repeat when the outcome is unknown.
    Confidence: documented (PolySimulator OpenAPI).
    """
    return Call(
        operation=RESET_WALLET,
        path=_call.fill(RESET_WALLET, wallet_id=wallet_id),
    )


OPERATIONS: Final[dict[str, Operation]] = {
    LIST_WALLETS.id: LIST_WALLETS,
    CREATE_WALLET.id: CREATE_WALLET,
    GET_WALLET.id: GET_WALLET,
    ARCHIVE_WALLET.id: ARCHIVE_WALLET,
    RENAME_WALLET.id: RENAME_WALLET,
    RESET_WALLET.id: RESET_WALLET,
}
