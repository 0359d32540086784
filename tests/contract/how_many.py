"""How many examples are made of an operation: ``POLYSPEC_CONTRACT_EXAMPLES``, or what a test has."""

from __future__ import annotations

import os
from typing import Final

__all__ = ["EXAMPLES"]

EXAMPLES: Final = os.environ.get("POLYSPEC_CONTRACT_EXAMPLES", "")
