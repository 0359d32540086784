"""What the venue's CSV files say about themselves, found out while they are written."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from attrs import frozen

from polyspec.errors import DecodeError

__all__ = ["Export", "Tally", "check_csv"]

_TRUNCATED: Final = b"# truncated"
# The last line is a remark, and short; of a longer one the end is enough to know that it is none.
_TAIL: Final = 4096


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
        self._ends = 0
        self._tail = b""

    def add(self, piece: bytes) -> None:
        """Take a piece in."""
        for number, part in enumerate(piece.split(b'"')):
            if number:
                self._quoted = not self._quoted
            if not self._quoted:
                self._ends += part.count(b"\n")
        self._tail = (self._tail + piece)[-_TAIL:]

    @property
    def truncated(self) -> bool:
        """Whether the last line says that rows are missing."""
        return self._tail.rstrip().rpartition(b"\n")[2].startswith(_TRUNCATED)

    @property
    def rows(self) -> int:
        """Records so far, without the header and without the remark."""
        unfinished = bool(self._tail) and not self._tail.endswith(b"\n")
        return max(0, self._ends + unfinished - 1 - self.truncated)


def check_csv(headers: Mapping[str, str]) -> None:
    """Raise DecodeError if an answer is something else than a file."""
    kind = headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind.endswith(("json", "html")):
        raise DecodeError(f"the venue answered {kind} where a CSV file was to be")
