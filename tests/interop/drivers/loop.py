"""What every driver in Python shares: a command of JSON on each line of input, an object of JSON for each.

Runs in the interpreter of a peer, and knows nothing of the project under test.
"""

from __future__ import annotations

import json
import os
import sys
import traceback
from collections.abc import Callable
from typing import Any

__all__ = ["Refused", "sandbox", "serve"]


class Refused(Exception):  # noqa: N818 - reads as what happened
    """What the venue, or the peer before it asked the venue, answered instead of doing it."""

    def __init__(self, message: object, status: int | None = None, **more: object) -> None:
        super().__init__(str(message))
        self.told = {"error": str(message), "http": status, **more}


def sandbox(venue: str = "clob") -> dict[str, Any]:
    """Return what the sandbox says of one of its venues."""
    return dict(json.loads(os.environ["POLYSPEC_SANDBOX"])[venue])


def serve(driver: object) -> None:
    """Carry out commands until there are no more; whatever else is printed goes to standard error."""
    out, sys.stdout = sys.stdout, sys.stderr
    for line in sys.stdin:
        asked = json.loads(line)
        step = asked.pop("step")
        action: Callable[..., Any] = getattr(driver, step)
        told: dict[str, Any] = {"step": step}
        try:
            told["result"] = action(**asked)
        except Refused as refused:
            told["refused"] = refused.told
        except Exception:
            told["failed"] = traceback.format_exc()
        out.write(json.dumps(told) + "\n")
        out.flush()
