"""The sandbox of the Polymarket CLOB."""
