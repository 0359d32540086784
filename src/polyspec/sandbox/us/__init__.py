"""The US exchange over HTTP: its rules of access, its endpoints, its bad days."""
