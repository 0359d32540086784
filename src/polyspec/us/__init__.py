"""The Polymarket US exchange: authentication, exact orders with a known fate, and the client."""
