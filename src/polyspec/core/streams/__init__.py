"""Live streams without I/O: books that say whether they can be trusted, and how a stream is kept alive."""
