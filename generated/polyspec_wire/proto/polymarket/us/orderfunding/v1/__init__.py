"""Modules of the package `polymarket.us.orderfunding.v1`."""
