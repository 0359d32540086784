"""Decisions without I/O: flows, retries, pacing, paging, exact scales. Nothing here opens a socket."""
