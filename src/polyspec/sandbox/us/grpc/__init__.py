"""The exchange over gRPC: the same world as over REST, and what REST has not, streams."""
