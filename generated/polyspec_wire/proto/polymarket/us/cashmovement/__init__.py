"""Modules of the package `polymarket.us.cashmovement`."""
