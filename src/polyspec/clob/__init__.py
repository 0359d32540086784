"""The Polymarket CLOB: authentication, exact orders signed on this machine, and the client."""
