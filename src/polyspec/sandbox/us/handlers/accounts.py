"""Health, and who the caller is."""

from __future__ import annotations

from polyspec_wire.us_exchange import models as m

from polyspec.sandbox.us.refusals import denied, unauthenticated
from polyspec.sandbox.us.registry import Asked, handles
from polyspec.sandbox.us.world import Participant

__all__: list[str] = []


@handles("HealthAPI_HealthCheck")
def health(_: Asked) -> m.HealthCheckResponse:
    """Say that the gateway is up."""
    return m.HealthCheckResponse(status="ok")


@handles("AccountsAPI_GetWhoAmI")
def whoami(asked: Asked) -> m.GetWhoAmIResponse:
    """Name the token's own user and clearing firm, which is not the participant firm."""
    if asked.caller is None:
        raise unauthenticated("missing bearer token")
    client = asked.caller.client
    return m.GetWhoAmIResponse(
        user=client.user,
        user_display_name=client.user.rpartition("/")[2],
        firm=f"firms/{client.firm}",
        firm_display_name=client.firm.replace("-", " "),
        audience=asked.world.issuer.audience,
        firm_type=m.FirmType.CLEARING_MEMBER,
    )


@handles("UsersAPI_ListUsers")
def list_users(asked: Asked) -> m.ListUsersResponse:
    """List the users of the acting participant's firm."""
    users = _colleagues(asked)
    return m.ListUsersResponse(
        users=[each.name for each in users],
        display_names=[each.display_name for each in users],
        firms=[f"firms/{each.firm}" for each in users],
        firms_display_names=[each.firm.replace("-", " ") for each in users],
    )


@handles("AccountsAPI_ListAccounts")
def list_accounts(asked: Asked) -> m.ListAccountsResponse:
    """List the accounts of the acting participant, or of a colleague if named."""
    user = asked.query.get("user") or asked.participant.name
    owner = next((each for each in _colleagues(asked) if each.name == user), None)
    if owner is None:
        raise denied(f"user {user} is not a user of your firm")
    return m.ListAccountsResponse(
        accounts=list(owner.accounts), display_names=[owner.display_name for _ in owner.accounts]
    )


def _colleagues(asked: Asked) -> list[Participant]:
    return [each for each in asked.world.participants.values() if each.firm == asked.participant.firm]
