"""What an examination finds: one sentence on what is, one on what to do about it, and never a secret."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from enum import IntEnum
from typing import Any, Final, TypeAlias

from attrs import field, frozen

from polyspec.errors import PolyspecError

__all__ = ["Diagnosis", "Fact", "Finding", "Severity", "error", "info", "ok", "on_a_line", "said", "warning"]

Fact: TypeAlias = str | int | float | bool | list[str] | None

# What is sent to a venue may come back in its words. Addresses are shorter, and are needed.
# What an absolute path is made of, whole; a secret in base64 that could be taken for one has an = or a +.
_PATH: Final = r"(?<![\w+/=.-])(?P<path>(?:/[\w.-]{0,42}+){2,}+)(?![\w+/=-])"
_CREDENTIAL: Final = re.compile(_PATH + r"|eyJ[\w-]+(?:\.[\w-]*)*|ps_(?:live|test)_\w+|[\w+/=-]{43,}")
_MARKED: Final = re.compile(r"eyJ|ps_(?:live|test)_")
_LONGEST: Final = 300


class Severity(IntEnum):
    """How much a finding matters."""

    OK = 0
    """As it should be."""
    INFO = 1
    """Good to know."""
    WARNING = 2
    """Works, but not as one would want, or not for long."""
    ERROR = 3
    """Something will be refused or cannot be reached."""

    def __str__(self) -> str:
        return self.name.lower()


@frozen
class Finding:
    """One thing that was looked at."""

    code: str
    """What was found, as ``area.what``; docs/doctor.md lists all of them."""
    severity: Severity
    what: str
    """One sentence on what is."""
    fix: str = ""
    """One sentence on what to do; empty if there is nothing to do."""
    facts: Mapping[str, Fact] = field(factory=dict)
    """The particulars, for programs."""
    venue: str = ""
    check: str = ""
    """Which check found it."""

    def __str__(self) -> str:
        told = f"{self.severity!s:<7} {self.venue} {self.code}: {self.what}"
        return on_a_line(f"{told}; {self.fix}" if self.fix else told)

    def as_dict(self) -> dict[str, Any]:
        """Return it as JSON has it."""
        return {
            "venue": self.venue,
            "check": self.check,
            "code": self.code,
            "severity": str(self.severity),
            "what": self.what,
            "fix": self.fix,
            "facts": dict(self.facts),
        }


def ok(code: str, what: str, /, **facts: Fact) -> Finding:
    """Return a finding that all is well."""
    return Finding(code, Severity.OK, what, "", facts)


def info(code: str, what: str, fix: str = "", /, **facts: Fact) -> Finding:
    """Return a finding that is good to know."""
    return Finding(code, Severity.INFO, what, fix, facts)


def warning(code: str, what: str, fix: str, /, **facts: Fact) -> Finding:
    """Return a finding that should be looked into."""
    return Finding(code, Severity.WARNING, what, fix, facts)


def error(code: str, what: str, fix: str, /, **facts: Fact) -> Finding:
    """Return a finding that stands in the way."""
    return Finding(code, Severity.ERROR, what, fix, facts)


def said(failure: BaseException | str, most: int = _LONGEST) -> str:
    """Return what an error says on one short line, without what looks like a credential."""
    if isinstance(failure, PolyspecError) or not isinstance(failure, BaseException):
        text = str(failure)
    else:
        # what foreign code says may hold anything
        text = type(failure).__name__
    hidden = _CREDENTIAL.sub(_covered, on_a_line(text)).strip()
    return hidden if len(hidden) <= most else f"{hidden[: most - 3]}..."


def on_a_line(text: str) -> str:
    """Return a text without what would break the line, or move the cursor of a terminal."""
    return "".join(letter if letter.isprintable() else " " for letter in text)


def _covered(found: re.Match[str]) -> str:
    is_path = found["path"] is not None and not _MARKED.search(found[0])
    return found[0] if is_path else "<hidden>"


@frozen
class Diagnosis:
    """All findings of an examination, in the order of the checks."""

    findings: tuple[Finding, ...]

    @property
    def worst(self) -> Severity:
        """The severity of the worst finding; OK if there is none."""
        return max((each.severity for each in self.findings), default=Severity.OK)

    @property
    def exit_status(self) -> int:
        """What ``polyspec doctor`` exits with: 0 for ok and info, 1 for warnings, 2 for errors."""
        return max(0, self.worst - Severity.INFO)

    @property
    def errors(self) -> tuple[Finding, ...]:
        """What stands in the way."""
        return self.of(Severity.ERROR)

    @property
    def warnings(self) -> tuple[Finding, ...]:
        """What should be looked into."""
        return self.of(Severity.WARNING)

    def of(self, severity: Severity) -> tuple[Finding, ...]:
        """Return the findings of one severity."""
        return tuple(each for each in self.findings if each.severity is severity)

    def codes(self) -> set[str]:
        """Return the codes of everything that was found."""
        return {each.code for each in self.findings}

    def get(self, code: str) -> Finding | None:
        """Return the first finding with a code; None if there is none."""
        return next((each for each in self.findings if each.code == code), None)

    @classmethod
    def joined(cls, parts: Iterable[Diagnosis]) -> Diagnosis:
        """Put several examinations together."""
        return cls(tuple(finding for part in parts for finding in part.findings))

    def __str__(self) -> str:
        return "\n".join(map(str, self.findings))
