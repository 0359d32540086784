"""Instruments, symbols and sports.

Generated from `us_exchange.openapi.yaml`; do not edit.
"""

from __future__ import annotations

from typing import Any, Final

from polyspec_wire._call import Call, Operation, Page, RateLimit
from polyspec_wire.us_exchange.models import (
    GetInstrumentMetadataRequest,
    GetInstrumentMetadataResponse,
    ListInstrumentsRequest,
    ListInstrumentsResponse,
    ListSymbolsRequest,
    ListSymbolsResponse,
    Status,
)

__all__ = [
    "GET_INSTRUMENT_METADATA",
    "LIST_INSTRUMENTS",
    "LIST_SPORTS",
    "LIST_SPORTS_TEAMS",
    "LIST_SPORTS_TEAM_PROVIDERS",
    "LIST_SYMBOLS",
    "OPERATIONS",
    "get_instrument_metadata",
    "list_instruments",
    "list_sports",
    "list_sports_team_providers",
    "list_sports_teams",
    "list_symbols",
]

LIST_INSTRUMENTS: Final = Operation(
    id="RefDataAPI_ListInstruments",
    name="refdata.list_instruments",
    method="POST",
    path="/v1/refdata/instruments",
    body=ListInstrumentsRequest,
    success={200: ListInstrumentsResponse},
    failure=Status,
    security=((("accessToken", ("read:instruments",)),),),
    rate_limits=(RateLimit(bucket="ListInstruments", rate=6, per=60, burst=6),),
    retry="safe",
    lane="read",
    page=Page(request="pageToken", response="nextPageToken", items="instruments", eof="eof"),
    json="protobuf",
)


def list_instruments(body: ListInstrumentsRequest) -> Call[ListInstrumentsResponse]:
    """Search instruments.

    Every field is a filter and may be left out. Pass `symbols` to read one instrument.

    POST /v1/refdata/instruments
    Access: accessToken read:instruments.
    Rate limit: 6 per minute, shared as ListInstruments.
    Repeating: may be repeated whatever happened.
    Confidence: documented (institutional/refdata OpenAPI; trader-guide/rate-limits).
    """
    return Call(
        operation=LIST_INSTRUMENTS,
        path=LIST_INSTRUMENTS.path,
        body=body,
    )


LIST_SYMBOLS: Final = Operation(
    id="RefDataAPI_ListSymbols",
    name="refdata.list_symbols",
    method="POST",
    path="/v1/refdata/symbols",
    body=ListSymbolsRequest,
    success={200: ListSymbolsResponse},
    failure=Status,
    security=((("accessToken", ("read:instruments",)),),),
    rate_limits=(RateLimit(bucket="ListSymbols", rate=6, per=60, burst=6),),
    retry="safe",
    lane="read",
    json="protobuf",
)


def list_symbols(body: ListSymbolsRequest) -> Call[ListSymbolsResponse]:
    """List every symbol.

    One answer, not paged.

    POST /v1/refdata/symbols
    Access: accessToken read:instruments.
    Rate limit: 6 per minute, shared as ListSymbols.
    Repeating: may be repeated whatever happened.
    Confidence: documented (institutional/refdata OpenAPI; trader-guide/rate-limits).
    """
    return Call(
        operation=LIST_SYMBOLS,
        path=LIST_SYMBOLS.path,
        body=body,
    )


GET_INSTRUMENT_METADATA: Final = Operation(
    id="RefDataAPI_GetInstrumentMetadata",
    name="refdata.get_instrument_metadata",
    method="POST",
    path="/v1/refdata/metadata",
    body=GetInstrumentMetadataRequest,
    success={200: GetInstrumentMetadataResponse},
    failure=Status,
    security=((("accessToken", ("read:instruments",)),),),
    retry="safe",
    lane="read",
    json="protobuf",
)


def get_instrument_metadata(body: GetInstrumentMetadataRequest) -> Call[GetInstrumentMetadataResponse]:
    """Read the metadata shared by instruments.

    POST /v1/refdata/metadata
    Access: accessToken read:instruments.
    Repeating: may be repeated whatever happened.
    Confidence: documented (institutional/refdata OpenAPI).
    """
    return Call(
        operation=GET_INSTRUMENT_METADATA,
        path=GET_INSTRUMENT_METADATA.path,
        body=body,
    )


LIST_SPORTS: Final = Operation(
    id="RefDataAPI_ListSports",
    name="refdata.list_sports",
    method="GET",
    path="/v1/refdata/sports",
    success={200: dict[str, Any]},
    failure=Status,
    security=((("accessToken", ("read:instruments",)),),),
    retry="safe",
    lane="read",
    json="protobuf",
)


def list_sports() -> Call[dict[str, Any]]:
    """List sports.

    GET /v1/refdata/sports
    Access: accessToken read:instruments.
    Repeating: may be repeated whatever happened.
    Confidence: inferred (institutional/refdata overview).
    """
    return Call(
        operation=LIST_SPORTS,
        path=LIST_SPORTS.path,
    )


LIST_SPORTS_TEAMS: Final = Operation(
    id="RefDataAPI_ListSportsTeams",
    name="refdata.list_sports_teams",
    method="GET",
    path="/v1/refdata/sports/teams",
    success={200: dict[str, Any]},
    failure=Status,
    security=((("accessToken", ("read:instruments",)),),),
    retry="safe",
    lane="read",
    json="protobuf",
)


def list_sports_teams() -> Call[dict[str, Any]]:
    """List teams.

    GET /v1/refdata/sports/teams
    Access: accessToken read:instruments.
    Repeating: may be repeated whatever happened.
    Confidence: inferred (institutional/refdata overview).
    """
    return Call(
        operation=LIST_SPORTS_TEAMS,
        path=LIST_SPORTS_TEAMS.path,
    )


LIST_SPORTS_TEAM_PROVIDERS: Final = Operation(
    id="RefDataAPI_ListSportsTeamProviders",
    name="refdata.list_sports_team_providers",
    method="GET",
    path="/v1/refdata/sports/teams/provider",
    success={200: dict[str, Any]},
    failure=Status,
    security=((("accessToken", ("read:instruments",)),),),
    retry="safe",
    lane="read",
    json="protobuf",
)


def list_sports_team_providers() -> Call[dict[str, Any]]:
    """List teams by the ids of data providers.

    GET /v1/refdata/sports/teams/provider
    Access: accessToken read:instruments.
    Repeating: may be repeated whatever happened.
    Confidence: inferred (institutional/refdata overview).
    """
    return Call(
        operation=LIST_SPORTS_TEAM_PROVIDERS,
        path=LIST_SPORTS_TEAM_PROVIDERS.path,
    )


OPERATIONS: Final[dict[str, Operation]] = {
    LIST_INSTRUMENTS.id: LIST_INSTRUMENTS,
    LIST_SYMBOLS.id: LIST_SYMBOLS,
    GET_INSTRUMENT_METADATA.id: GET_INSTRUMENT_METADATA,
    LIST_SPORTS.id: LIST_SPORTS,
    LIST_SPORTS_TEAMS.id: LIST_SPORTS_TEAMS,
    LIST_SPORTS_TEAM_PROVIDERS.id: LIST_SPORTS_TEAM_PROVIDERS,
}
