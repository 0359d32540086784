"""Modules of the package `polymarket.us.settlement.v1`."""
