"""Modules of the package `polymarket`."""
