"""A real exchange in a box, to test against."""
