"""Modules of the package `polymarket.v1`."""
