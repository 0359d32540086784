"""Wire models and operations of every venue, generated from `specs/`; do not edit."""

from polyspec_wire._call import Call, Int64, Number, OpenEnum, Operation, Page, Parameter, RateLimit

__all__ = ["Call", "Int64", "Number", "OpenEnum", "Operation", "Page", "Parameter", "RateLimit"]
