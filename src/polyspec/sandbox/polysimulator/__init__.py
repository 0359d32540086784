"""The sandbox of PolySimulator."""
