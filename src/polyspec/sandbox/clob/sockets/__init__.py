"""The websockets of the CLOB: its market and user channels."""
