"""Requests for quotes."""
