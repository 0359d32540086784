"""Put text from a spec into Python source so that it stays text."""

from __future__ import annotations

import re
import textwrap
import unicodedata

__all__ = ["docstring", "literal", "reflow", "snake"]

_WORDS = re.compile(r"[A-Z]{2,}s(?![a-z])|[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_UNPRINTABLE = {"Cc", "Cf", "Cs", "Zl", "Zp"}
_OWN_LINE = " \t-*|#>"
_QUOTES = re.compile(r'"{3,}|"+$')


def literal(value: object) -> str:
    """Spell a string, number or tuple as a Python literal."""
    return repr(value)


def snake(name: str) -> str:
    """Spell a CamelCase name in snake_case, plural acronyms kept whole: `GetRFQs` is `get_rfqs`."""
    return "_".join(word.lower() for word in _WORDS.findall(name))


def reflow(text: object) -> str:
    """Join the lines of each paragraph; lists, tables and indented lines stay as they are."""
    lines: list[str] = []
    for line in str(text).strip().splitlines():
        plain = bool(line) and line[0] not in _OWN_LINE
        if plain and lines and lines[-1] and lines[-1][0] not in _OWN_LINE:
            lines[-1] += " " + line.strip()
        else:
            lines.append(line.rstrip())
    return "\n".join(lines)


def _wrapped(text: str, width: int) -> list[str]:
    lines: list[str] = []
    for line in _printable(text).strip().splitlines():
        indent = line[: len(line) - len(line.lstrip())]
        lines += textwrap.wrap(
            line.strip(),
            width=width,
            initial_indent=indent,
            subsequent_indent=indent,
            break_long_words=False,
            break_on_hyphens=False,
        ) or [""]
    return lines


def docstring(text: str, indent: int = 4, width: int = 110) -> str:
    """Write text as a docstring indented by `indent`, the first line of which is not."""
    lines = [_escaped(line) for line in _wrapped(text, width - indent - 6)] or [""]
    pad = " " * indent
    body = "\n".join(lines[:1] + [pad + line if line else "" for line in lines[1:]])
    if len(lines) == 1:
        return f'"""{body}"""'
    return f'"""{body}\n{pad}"""'


def _escaped(line: str) -> str:
    # runs of quotes and a quote at the end of a line are all that could close the literal
    return _QUOTES.sub(lambda found: '\\"' * len(found[0]), line.replace("\\", "\\\\"))


def _printable(text: str) -> str:
    return "".join(c for c in text if c in "\n\t" or unicodedata.category(c) not in _UNPRINTABLE)
