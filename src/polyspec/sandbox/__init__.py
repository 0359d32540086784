"""A real exchange in a box, to test against."""

from polyspec.sandbox.sandbox import Sandbox

__all__ = ["Sandbox"]
