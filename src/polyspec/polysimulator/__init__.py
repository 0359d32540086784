"""The client of PolySimulator, where Polymarket's prices are traded with play money."""

from __future__ import annotations

from polyspec.polysimulator.ticket import NewOrder

__all__ = ["NewOrder"]
