from __future__ import annotations

from pathlib import Path

import pytest

from generator import mirror

CLIENT = '''"""The client; nothing awaits you here, and async magic stays out of prose."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing, asynccontextmanager

from polyspec.io.http_async import AsyncHttp, anext_page

__all__ = ["AsyncClient", "Books"]


class AsyncClient:
    """Use it in an ``async with`` block: ``await client.send(call)``. See `AsyncHttp`.

    Await nothing, or asynchronously. A sync twin of this async class exists.
    """

    def __init__(self, http: AsyncHttp) -> None:
        self._http = http

    async def send(self, call: str) -> str:
        # like AsyncHttp.send
        return (await self._http.send(call)).text + (await self.one or "x").strip() + str(await self.one)

    async def __aenter__(self) -> AsyncClient:
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        await (self._http).aclose()

    def __aiter__(self) -> AsyncIterator[str]:
        return self.lines()

    async def __anext__(self) -> str:
        raise StopAsyncIteration

    @asynccontextmanager
    async def opened(self) -> AsyncIterator[AsyncHttp]:
        with self.lock:
            # entered first
            async with aclosing(self.lines()) as lines, self._http as http:
                yield [line async for line in lines], http

    async def lines(self) -> AsyncGenerator[str, None]:
        async for line in self._http.aiter_lines():
            yield f"{line} of {await anext_page(line)}"
'''

TWIN = '''# Mirrored from client_async.py by `python -m generator.mirror`; do not edit.
"""The client; nothing awaits you here, and async magic stays out of prose."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from contextlib import closing, contextmanager

from polyspec.io.http import Http, anext_page

__all__ = ["Books", "Client"]


class Client:
    """Use it in an ``with`` block: ``client.send(call)``. See `Http`.

    Await nothing, or asynchronously. A sync twin of this async class exists.
    """

    def __init__(self, http: Http) -> None:
        self._http = http

    def send(self, call: str) -> str:
        # like Http.send
        return self._http.send(call).text + (self.one or "x").strip() + str(self.one)

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def close(self) -> None:
        (self._http).close()

    def __iter__(self) -> Iterator[str]:
        return self.lines()

    def __next__(self) -> str:
        raise StopIteration

    @contextmanager
    def opened(self) -> Iterator[Http]:
        with self.lock:
            # entered first
            with closing(self.lines()) as lines, self._http as http:
                yield list(lines), http

    def lines(self) -> Generator[str, None]:
        for line in self._http.iter_lines():
            yield f"{line} of {anext_page(line)}"
'''

TESTS = '''"""Tests."""

import pytest

pytestmark = pytest.mark.anyio


@pytest.mark.anyio
async def test_one(client_async: str) -> None:
    """One."""
    assert await client_async == "AsyncX"


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("x", [1])
async def test_two(x: int) -> None:
    """Two."""
'''


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Return a project with one shell that needs every substitution, and its tests."""
    for folder in ("src/polyspec/us", "tests/client"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "src/polyspec/us/client_async.py").write_text(CLIENT)
    (tmp_path / "tests/client/test_client_async.py").write_text(TESTS)
    return tmp_path


def run(root: Path, *options: str) -> int:
    """Run the mirror on a project."""
    return mirror.main(["--root", str(root), *options])


def test_a_shell_becomes_its_twin(project: Path) -> None:
    """Every substitution is made, code in docstrings included, and prose is left alone."""
    assert run(project) == 0
    assert (project / "src/polyspec/us/client.py").read_text() == TWIN


def test_marks_of_tests_are_dropped(project: Path) -> None:
    """Mirrored tests need no event loop; other marks stay, and imports nothing needs go."""
    assert run(project) == 0
    text = (project / "tests/client/test_client.py").read_text()
    assert "anyio" not in text
    assert "asyncio" not in text
    assert "pytestmark" not in text
    assert '@pytest.mark.parametrize("x", [1])\ndef test_two' in text
    assert 'def test_one(client: str) -> None:\n    """One."""\n    assert client == "X"' in text


@pytest.mark.parametrize("rule", [rule.name for rule in mirror.RULES])
def test_a_substitution_nothing_needs_fails(
    project: Path, rule: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Rules nobody uses do not collect, and it is told which; the twins are written all the same."""
    needed = "class AsyncOnly:\n    async def send(self) -> None: ...\n"
    (project / "src/polyspec/us/client_async.py").write_text(needed)
    (project / "tests/client/test_client_async.py").unlink()
    unused = {each.name for each in mirror.RULES} - {"async def, with, for", "classes"}
    assert run(project) == 1
    told = capsys.readouterr().err
    assert (f"the substitution of {rule}; remove it" in told) == (rule in unused)
    assert "marks" not in told
    assert (project / "src/polyspec/us/client.py").exists()


def test_unused_marks_fail(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Where tests are mirrored, marks have to be there to be dropped."""
    (project / "tests/client/test_client_async.py").write_text("x = 1\n")
    assert run(project) == 1
    assert "the substitution of marks of asynchronous tests" in capsys.readouterr().err


def test_check_finds_stale_changed_and_orphaned_twins(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Twins that are missing, edited or left behind fail the check, and writing mends them."""
    twin, source = project / "src/polyspec/us/client.py", project / "src/polyspec/us/client_async.py"
    assert run(project, "--check") == 1
    assert not twin.exists()
    assert run(project) == 0
    assert run(project, "--check") == 0
    twin.write_text(twin.read_text() + "# mine\n")
    assert run(project, "--check") == 1
    assert "-# mine" in capsys.readouterr().out
    orphan = twin.with_name("gone.py")
    orphan.write_text(TWIN.replace("client_async", "gone_async"))
    source.write_text(source.read_text().replace("entered first", "entered last"))
    assert run(project, "--check") == 1
    captured = capsys.readouterr()
    assert "+            # entered last" in captured.out
    assert "gone.py" in captured.err
    assert run(project) == 0
    assert not orphan.exists()
    assert run(project, "--check") == 0


@pytest.mark.parametrize(
    ("line", "left"),
    [
        ("import asyncio", "asyncio"),
        ("import anyio", "anyio"),
        ("x = MyAsyncThing()", "MyAsyncThing"),
        ("x = async_timeout(1)", "async_timeout"),
    ],
)
def test_asynchronous_names_without_substitution_fail(project: Path, line: str, left: str) -> None:
    """What would run on an event loop in the blocking twin is refused, with its line."""
    with pytest.raises(mirror.MirrorError, match=f"line 2: no substitution for {left}"):
        mirror.mirrored(f"\n{line}\n", set())


def test_names_that_become_one_fail(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A class that would take the name of something imported is refused."""
    source = project / "src/polyspec/us/client_async.py"
    source.write_text(CLIENT.replace("import AsyncHttp,", "import AsyncHttp, Client,"))
    assert run(project) == 1
    assert "Redefinition of unused `Client`" in capsys.readouterr().err


def test_hand_written_files_are_not_overwritten(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A twin without the banner stays as it is, and the run fails unless the pair is listed."""
    twin = project / "src/polyspec/us/client.py"
    twin.write_text("x = 1\n")
    assert run(project) == 1
    assert "client.py was written by hand" in capsys.readouterr().err
    assert twin.read_text() == "x = 1\n"


def test_listed_pairs_are_left_alone(project: Path) -> None:
    """Pairs in which the colours really differ are nobody's business here."""
    folder = project / "src/polyspec/io"
    folder.mkdir()
    (folder / "colour_async.py").write_text("import asyncio\n")
    (folder / "colour.py").write_text("import time\n")
    assert run(project) == 0
    assert (folder / "colour.py").read_text() == "import time\n"


def test_comments_move_no_blocks(project: Path) -> None:
    """Nested blocks become one where nothing stands between them, which the asynchronous twin could not."""
    source = project / "src/polyspec/us/client_async.py"
    source.write_text(CLIENT.replace("            # entered first\n", ""))
    assert run(project) == 0
    text = (project / "src/polyspec/us/client.py").read_text()
    assert "with self.lock, closing(self.lines()) as lines, self._http as http:" in text
