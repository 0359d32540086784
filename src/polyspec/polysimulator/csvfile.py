"""What the venue's CSV files say about themselves, found out while they are written."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from attrs import frozen

from polyspec.errors import DecodeError

__all__ = ["Export", "Tally", "check_csv"]

_TRUNCATED: Final = b"# truncated"


@frozen(kw_only=True)
class Export:
    """A file that was written."""

    path: Path
    size: int
    """Bytes."""
    rows: int
    """Records below the header."""
    truncated: bool
    """Whether the venue left rows out: it has a cap, and says so in the last line. Ask for less at once."""


class Tally:
    """Counts the records of a CSV file as it arrives; line ends inside of quotes are none."""

    def __init__(self) -> None:
        self._quoted = False
        self._finished = 0
        self._head = b""
        """How the record that is arriving begins."""
        self._last = b""
        """How the one before it began."""

    def add(self, piece: bytes) -> None:
        """Take a piece in."""
        for number, part in enumerate(piece.split(b'"')):
            if number:
                self._quoted = not self._quoted
                self._go_on(b'"')
            first, *others = [part] if self._quoted else part.split(b"\n")
            self._go_on(first)
            for each in others:
                self._finish()
                self._go_on(each)

    @property
    def truncated(self) -> bool:
        """Whether the last line says that rows are missing."""
        return (self._head if self._head.strip() else self._last) == _TRUNCATED

    @property
    def rows(self) -> int:
        """Records so far, without the header and without the remark."""
        return max(0, self._finished + bool(self._head.strip()) - 1 - self.truncated)

    def _go_on(self, part: bytes) -> None:
        if len(self._head) < len(_TRUNCATED):
            self._head = (self._head + part)[: len(_TRUNCATED)]

    def _finish(self) -> None:
        # an empty line is no record
        if self._head.strip():
            self._finished, self._last = self._finished + 1, self._head
        self._head = b""


def check_csv(headers: Mapping[str, str]) -> None:
    """Raise DecodeError if an answer is something else than a file."""
    kind = headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind.endswith(("json", "html")):
        raise DecodeError(f"the venue answered {kind} where a CSV file was to be")
