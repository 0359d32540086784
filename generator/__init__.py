"""From the hand-written specs to `generated/polyspec_wire`, and from async shells to their sync twins."""
