"""The client of PolySimulator, where Polymarket's prices are traded with play money."""
