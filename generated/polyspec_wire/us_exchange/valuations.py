"""Account statements.

Generated from `us_exchange.openapi.yaml`; do not edit.
"""

from __future__ import annotations

from typing import Any, Final

from polyspec_wire._call import Call, Operation
from polyspec_wire.us_exchange.models import (
    Status,
)

__all__ = ["DOWNLOAD_ACCOUNT_STATEMENT", "OPERATIONS", "download_account_statement"]

DOWNLOAD_ACCOUNT_STATEMENT: Final = Operation(
    id="ValuationAPI_DownloadAccountStatement",
    name="valuations.download_account_statement",
    method="POST",
    path="/v1/valuations/accounts/statement/download",
    body=dict[str, Any],
    success={200: dict[str, Any]},
    failure=Status,
    stream="lines",
    security=((("accessToken", ("read:positions",)), ("participantId", ())),),
    retry="safe",
    lane="read",
    json="protobuf",
)


def download_account_statement(body: dict[str, Any]) -> Call[dict[str, Any]]:
    """Download an account statement as CSV.

    Known from a changelog entry alone. Name, scope, participant header and the framing as a stream of
    JSON lines are inferred from the other downloads.

    POST /v1/valuations/accounts/statement/download
    Access: accessToken read:positions and participantId.
    Repeating: may be repeated whatever happened.
    Confidence: inferred (changelog).
    """
    return Call(
        operation=DOWNLOAD_ACCOUNT_STATEMENT,
        path=DOWNLOAD_ACCOUNT_STATEMENT.path,
        body=body,
    )


OPERATIONS: Final[dict[str, Operation]] = {
    DOWNLOAD_ACCOUNT_STATEMENT.id: DOWNLOAD_ACCOUNT_STATEMENT,
}
