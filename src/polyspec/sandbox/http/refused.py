"""Answers other than yes, as exceptions."""

from __future__ import annotations

from collections.abc import Mapping

from polyspec.sandbox.http.venue import Manner

__all__ = ["Refused"]


class Refused(Exception):  # noqa: N818 - it is an answer, not an error of ours
    """An answer other than 200; each venue has its own words and shapes."""

    def __init__(self, status: int, message: str, *, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.headers = dict(headers or {})

    def encoded(self, manner: Manner) -> bytes:
        """Return the JSON body to answer with."""
        return manner(self.status, self.message)
