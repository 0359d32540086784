"""Write the blocking twin of every asynchronous shell: `client_async.py` becomes `client.py`.

Shells hold no decisions, so a table of substitutions on tokens is enough. A substitution nothing needs and
an asynchronous name nothing replaces both fail the run. In docstrings and comments only what is unmistakably
code is replaced; prose stays.
"""

from __future__ import annotations

import argparse
import io
import keyword
import re
import subprocess
import sys
import tokenize
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from generator import trees

__all__ = ["HAND_WRITTEN", "RULES", "MirrorError", "Rule", "main", "mirrored", "twins"]

_ROOT = Path(__file__).resolve().parent.parent
_FOLDERS = ("src/polyspec", "tests/client")
_MIRRORED = "# Mirrored from "

# Where the colours differ in more than words: both twins are written by hand.
HAND_WRITTEN = frozenset(
    {
        "src/polyspec/io/colour_async.py",
        "src/polyspec/io/grpc_channel_async.py",
        "src/polyspec/io/grpc_stream_async.py",
        "src/polyspec/io/inbox_async.py",
        "src/polyspec/io/lean_async.py",
        "src/polyspec/io/lean_line_async.py",
        "src/polyspec/io/pool_async.py",
        "src/polyspec/io/repeating_async.py",
        "src/polyspec/io/sse_async.py",
        "src/polyspec/io/streaming_async.py",
        "src/polyspec/io/websocket_async.py",
        "tests/client/doing_async.py",
    }
)

# said, not found out: ruff looks for modules on disk, and a twin may not be there yet
_IMPORTS = 'lint.isort.known-first-party=["generator", "polyspec", "tests"]'

_CODE = frozenset({tokenize.NAME})
_TEXT = frozenset({tokenize.STRING, tokenize.COMMENT, getattr(tokenize, "FSTRING_MIDDLE", tokenize.STRING)})


class MirrorError(Exception):
    """A shell cannot be mirrored; the text says which and why."""


@dataclass(frozen=True)
class Rule:
    """One substitution: `code` on whole names, `text` inside strings and comments."""

    name: str
    code: re.Pattern[str]
    replacement: str
    text: re.Pattern[str] | None = None


def _rule(name: str, code: str, replacement: str, text: str | None = None) -> Rule:
    return Rule(name, re.compile(rf"\A(?:{code})\Z"), replacement, re.compile(text) if text else None)


RULES = (
    _rule("async def, with, for", r"async\s+", "", r"\basync (?=(?:def|with|for)\b)"),
    _rule("await", r"await\s+", "", r"\bawait (?=[\w.]+\()"),
    _rule(
        "protocols",
        r"(__)a(?=enter__|exit__|iter__|next__)(\w+)|(Stop)Async(Iteration)",
        r"\1\3\2\4",
        r"\b(__)a((?:enter|exit|iter|next)__)|\b(Stop)Async(Iteration)\b",
    ),
    _rule("iterators and reads", r"a(iter|next|read|iter_\w+)", r"\1", r"\ba(iter|next|read|iter_\w+)(?=\()"),
    _rule("closing", r"a(close|closing)", r"\1", r"\ba(close|closing)(?=\()"),
    _rule("context managers", r"async(contextmanager)", r"\1", r"\basync(contextmanager)\b"),
    _rule("classes", r"Async(?=[A-Z])(\w+)", r"\1", r"\bAsync(?=[A-Z])(\w+)"),
    _rule("modules", r"(\w+)_async", r"\1", r"\b(\w+)_async\b"),
)
_MARKS = "marks of asynchronous tests"
_MARK = re.compile(
    r"^(?:[ \t]*@|pytestmark = )pytest\.mark\.(?:anyio|asyncio)(?:\(.*\))?[ \t]*\n", re.MULTILINE
)

_LEFT = re.compile(r"async\w*|await|__a(?:enter|exit|iter|next)__|\w*Async\w*|aclos\w+|anyio")


def mirrored(source: str, used: set[str]) -> str:
    """Substitute, and note in `used` what was needed; raises MirrorError for asynchronous names left."""
    text, marks = _MARK.subn("", source)
    if marks:
        used.add(_MARKS)
    out, done = [], 0
    for start, end, replacement in _edits(text, used):
        out.append(text[done:start] + replacement)
        done = end
    result = "".join([*out, text[done:]])
    for token in _tokens(result):
        if token.type == tokenize.NAME and _LEFT.fullmatch(token.string):
            raise MirrorError(f"line {token.start[0]}: no substitution for {token.string}")
    return result


def _edits(text: str, used: set[str]) -> Iterator[tuple[int, int, str]]:
    offsets = [0]
    for line in text.splitlines(keepends=True):
        offsets.append(offsets[-1] + len(line))
    tokens = list(_tokens(text))
    dropped = {place for start in range(len(tokens)) for place in _needless(tokens, start)}
    for place, token in enumerate(tokens):
        start, end = (offsets[row - 1] + column for row, column in (token.start, token.end))
        if token.type in _CODE and token.string in ("async", "await"):
            end += len(text[end:]) - len(text[end:].lstrip(" \t"))
        old = text[start:end]
        new = "" if place in dropped else _substituted(old, token.type, used)
        if new != old:
            yield start, end, new


def _needless(tokens: list[tokenize.TokenInfo], start: int) -> tuple[int, ...]:
    """Return the places of parentheses from `start` that only held an await: `(await f()).x` is `f().x`."""
    if start == 0 or [token.string for token in tokens[start : start + 2]] != ["(", "await"]:
        return ()
    before = tokens[start - 1]
    if before.string in (")", "]") or (before.type == tokenize.NAME and not keyword.iskeyword(before.string)):
        return ()  # the parentheses of a call
    depth = 0
    for place in range(start + 2, len(tokens)):
        token = tokens[place]
        if depth == 0 and token.string == ")":
            return start, place
        if depth == 0 and token.string not in ("(", "[", ".") and not token.string.isidentifier():
            return ()
        if depth == 0 and keyword.iskeyword(token.string):
            return ()
        depth += (token.string in ("(", "[", "{")) - (token.string in (")", "]", "}"))
    return ()


def _substituted(old: str, kind: int, used: set[str]) -> str:
    new = old
    for rule in RULES:
        pattern = rule.code if kind in _CODE else rule.text if kind in _TEXT else None
        if pattern is None:
            continue
        replaced = pattern.sub(rule.replacement, new)
        if replaced != new and kind in _CODE:
            used.add(rule.name)
        new = replaced
    return new


def _tokens(text: str) -> Iterator[tokenize.TokenInfo]:
    return tokenize.generate_tokens(io.StringIO(text).readline)


def twins(root: Path) -> tuple[dict[str, bytes], list[str]]:
    """Return every mirrored file by its path under `root`, and what is wrong with its making."""
    found: dict[str, bytes] = {}
    problems: list[str] = []
    used: set[str] = set()
    for source in _sources(root):
        name = source.relative_to(root).as_posix()
        target = source.with_name(source.name.replace("_async.py", ".py"))
        if target.exists() and not target.read_text("utf-8").startswith(_MIRRORED):
            problems.append(
                f"{name}: {target.name} was written by hand; delete it, or list it in HAND_WRITTEN"
            )
            continue
        try:
            text = mirrored(source.read_text("utf-8"), used)
            found[target.relative_to(root).as_posix()] = _formatted(_banner(source) + text, target, root)
        except MirrorError as error:
            problems.append(f"{name}: {error}")
    wanted = [rule.name for rule in RULES] if found else []
    wanted += [_MARKS] if any(name.startswith("tests/") for name in found) else []
    problems += [
        f"nothing needs the substitution of {name}; remove it" for name in wanted if name not in used
    ]
    return found, problems


def _banner(source: Path) -> str:
    return f"{_MIRRORED}{source.name} by `python -m generator.mirror`; do not edit.\n"


def _sources(root: Path) -> list[Path]:
    found = (path for folder in _FOLDERS for path in (root / folder).rglob("*_async.py"))
    return sorted(path for path in found if path.relative_to(root).as_posix() not in HAND_WRITTEN)


def _formatted(text: str, target: Path, root: Path) -> bytes:
    """Tidy what the substitutions left: import order, nested blocks that could be one, layout."""
    for command in (
        ["check", "--select=F401,F811,I,RUF022", f"--config={_IMPORTS}", "--fix"],
        ["check", "--select=SIM117", "--fix-only"],
        ["check", "--select=C416,UP028", "--fix-only", "--unsafe-fixes"],
        ["format"],
    ):
        done = subprocess.run(
            [sys.executable, "-m", "ruff", *command, *trees.STYLE, f"--stdin-filename={target}", "-"],
            input=text,
            capture_output=True,
            text=True,
            cwd=root,
            check=False,
        )
        if done.returncode:
            raise MirrorError(
                f"becomes something else than meant:\n{done.stderr.strip() or done.stdout.strip()}"
            )
        text = done.stdout
    return text.encode()


def _mirrored_before(root: Path) -> dict[str, bytes]:
    """Return every file that says it is mirrored, those whose source is gone included."""
    files = (path for folder in _FOLDERS for path in (root / folder).rglob("*.py"))
    texts = {path.relative_to(root).as_posix(): path.read_bytes() for path in files}
    return {name: text for name, text in texts.items() if text.startswith(_MIRRORED.encode())}


def main(argv: list[str] | None = None) -> int:
    """Mirror, or compare; 0 if all is well, 1 if something is stale or cannot be mirrored."""
    parser = argparse.ArgumentParser(prog="python -m generator.mirror", description=__doc__)
    parser.add_argument("--check", action="store_true", help="compare instead of writing; show a diff")
    parser.add_argument("--root", type=Path, default=_ROOT)
    options = parser.parse_args(argv)
    fresh, problems = twins(options.root)
    stale = []
    for name, diff in trees.differences(_mirrored_before(options.root), fresh):
        stale.append(name)
        if options.check:
            sys.stdout.write(diff)
        elif name in fresh:
            (options.root / name).write_bytes(fresh[name])
        else:
            (options.root / name).unlink()
    for line in stale + problems:
        print(line, file=sys.stderr)
    return 1 if problems or (options.check and stale) else 0


if __name__ == "__main__":
    sys.exit(main())
