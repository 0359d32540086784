"""How a venue answers, where venues differ: what its refusals prove, and what its headers tell."""

from __future__ import annotations

from typing import ClassVar

from polyspec.core.attempt import Verdict, api_error, classify, is_venue_body
from polyspec.core.effects import Reply
from polyspec.core.pacing import Pacer
from polyspec.core.sharing import SharedPacer
from polyspec.errors import ApiError

__all__ = ["Manner"]


class Manner:
    """The ordinary way: the status and a JSON object say everything. A venue with another overrides it."""

    renews: ClassVar[bool] = True
    """Whether credentials that were refused can be exchanged for fresh ones without the user."""

    def classify(self, reply: Reply) -> Verdict:
        """Say what an answer proves."""
        return classify(reply)

    def error(self, reply: Reply, now_wall: float) -> ApiError:
        """Turn an error answer into the error to raise; `now_wall` is the venue's time."""
        return api_error(reply, now_wall)

    def is_own(self, reply: Reply) -> bool:
        """Tell whether the venue itself refused, and nothing in front of it."""
        return is_venue_body(reply)

    def passing(self, error: ApiError) -> bool | None:
        """Say whether the venue announces that the same request may succeed soon; None if the status says.

        What it announces is believed of a refusal; a call whose outcome is unknown is repeated only if its
        ``x-retry`` class is ``safe``. One it announces to be in vain is never repeated.
        """
        del error
        return None

    def about_pace(self, error: ApiError) -> bool:
        """Tell whether a 429 is about how fast requests come, so that others had better wait as well."""
        del error
        return True

    def heard(self, reply: Reply, pacer: Pacer | SharedPacer) -> None:
        """Learn from an answer what holds for the next requests."""
