"""Write `config.toml` safely: every byte that is not meant to change stays as it was."""

import contextlib
import difflib
import os
import re
import stat
import tempfile
import time
import tomllib
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import tomlkit
from tomlkit.exceptions import TOMLKitError

from tui_numbers.services.config import ConfigError

_BOM = "\ufeff"
_PATIENCE = 5.0
_PAUSE = 0.02


@contextlib.contextmanager
def held(folder: Path) -> Iterator[None]:
    """Hold an exclusive lock on ``folder`` against other processes of this program.

    Where the system knows no such lock the block simply runs.

    Raises:
        OSError: Another process does not let go of it.
    """
    try:
        import fcntl
    except ImportError:
        yield
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        until = time.monotonic() + _PATIENCE
        while True:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > until:
                    raise
                time.sleep(_PAUSE)
            except OSError:
                break  # some network file systems have no locks
        yield
    finally:
        os.close(handle)


def remember(path: Path, table: str, values: Mapping[str, Any]) -> None:
    """Keep values in a table of the file, ``ui`` or ``views.NAME``; None takes a key out.

    Comments and all other keys stay as they are. Where there is no file, a private one is made.
    Blocks, so call it in a thread.

    Raises:
        ConfigError: The file cannot be read or written, is broken, or is written in a way in which
            this cannot be changed safely.
    """
    section = tuple(table.split("."))

    def edited(text: str) -> str:
        before = _loaded(path, text)
        for key, value in values.items():
            text = _with_value(path, text, section, key, value)
        if _loaded(path, text) != _wanted(before, section, values):
            raise ConfigError(f"{path}: [{table}] cannot be changed safely: write it by hand")
        return text

    rewrite(path, edited)


def _loaded(path: Path, text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{path}: not valid TOML, so it is left alone: {error}") from None


def _wanted(
    before: Mapping[str, Any], section: tuple[str, ...], values: Mapping[str, Any]
) -> dict[str, Any]:
    """Return the contents of a file in which ``values`` stand."""
    first, rest = section[0], section[1:]
    inner = before.get(first, {})
    table = dict(inner) if isinstance(inner, dict) else {}
    if rest:
        table = _wanted(table, rest, values)
    else:
        table = {key: table[key] for key in table if values.get(key, "") is not None}
        table.update({key: _plain(one) for key, one in values.items() if one is not None})
    return {**before, first: table}


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value


def _with_value(path: Path, text: str, section: tuple[str, ...], key: str, value: Any) -> str:
    """Return a text in which a key of a table has another value, or is gone."""
    document = parse(path, text)
    table: Any = document
    for name in section:
        table = table.get(name, {}) if isinstance(table, dict) else {}
    if not isinstance(table, dict):
        raise ConfigError(f"{path}: {section[-1]} is no table: write [{'.'.join(section)}]")
    if value is None or key in table:
        return _changed(document, table, key, value)
    line = f"{tomlkit.item({key: _plain(value)}).as_string().strip()}\n"
    inserted = _inserted(text, section, line)
    if inserted is not None:
        return inserted
    # It stands as ui.theme = … or in braces.
    for name in section:
        table = document if name == section[0] else table
        table = table.setdefault(name, tomlkit.table())
    return _changed(document, table, key, value)


def _changed(document: tomlkit.TOMLDocument, table: Any, key: str, value: Any) -> str:
    if value is not None:
        table[key] = _plain(value)
    elif key in table:
        del table[key]
    return tomlkit.dumps(document)


def _inserted(text: str, section: tuple[str, ...], line: str) -> str | None:
    """Return a text with a line below the heading of a table, or with both behind everything.

    None where the table is there without a heading. Below the heading, since what stands before
    the next one may be that one's comment.
    """
    names = r"[ \t]*\.[ \t]*".join(rf"""["']?{re.escape(name)}["']?""" for name in section)
    heading = re.compile(rf"^[ \t]*\[[ \t]*{names}[ \t]*\][ \t]*(#.*)?$", re.MULTILINE)
    before = tomllib.loads(text)
    for found in heading.finditer(text):
        rest = text[found.end() :].removeprefix("\n")
        candidate = f"{text[: found.end()]}\n{line}{rest}"
        # A text of several lines may hold what looks like a heading.
        if _wanted(before, section, tomllib.loads(line)) == tomllib.loads(candidate):
            return candidate
    inner: Any = before
    for name in section:
        if not isinstance(inner, dict) or name not in inner:
            between = "" if not text else "\n" if text.endswith("\n") else "\n\n"
            return f"{text}{between}[{'.'.join(section)}]\n{line}"
        inner = inner[name]
    return None


def rewrite(path: Path, edited: Callable[[str], str]) -> None:
    """Put what ``edited`` makes of the text in its place, with everything else as it was."""
    try:
        folder = path.resolve().parent
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with held(folder):
            text = _text_of(path)
            plain = text.removeprefix(_BOM).replace("\r\n", "\n")
            _replace(path, _as_written(text, edited(plain)))
    except OSError as error:
        raise ConfigError(f"{path}: cannot be written: {error.strerror}") from None


def _text_of(path: Path) -> str:
    """Return the file as its editor wrote it; nothing where there is none."""
    try:
        return path.read_bytes().decode()
    except FileNotFoundError:
        return ""
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise ConfigError(f"{path}: cannot be read: {reason}") from None


def parse(path: Path, text: str) -> tomlkit.TOMLDocument:
    """Return a file's text as a document that keeps its comments.

    Raises:
        ConfigError: It is not TOML.
    """
    try:
        return tomlkit.parse(text)
    except TOMLKitError as error:
        raise ConfigError(f"{path}: not valid TOML, so it is left alone: {error}") from None


def _as_written(old: str, new: str) -> str:
    """Give ``new`` the byte order mark and line endings of ``old``.

    A line that stays keeps its own end; a new one gets the end that most lines have.
    """
    mark = _BOM if old.startswith(_BOM) else ""
    before = old.removeprefix(_BOM).split("\n")
    returns = sum(line.endswith("\r") for line in before)
    usual = "\r" if returns * 2 >= len(before) and returns else ""
    bare, lines = [line.removesuffix("\r") for line in before], new.split("\n")
    ends = [usual] * (len(lines) - 1) + [""]
    same = difflib.SequenceMatcher(None, bare, lines, autojunk=False).get_matching_blocks()
    for at_old, at_new, count in same:
        for place in range(count):
            # What was the last line had no end, and what is the last one gets none.
            if at_old + place < len(before) - 1 and at_new + place < len(lines) - 1:
                kept = before[at_old + place].endswith("\r")
                ends[at_new + place] = "\r" if kept else ""
    return mark + "\n".join(line + end for line, end in zip(lines, ends, strict=True))


def _replace(path: Path, text: str) -> None:
    """Put ``text`` in the place of the file, whole or not at all; a symbolic link stays one."""
    target = path.resolve()
    mode = stat.S_IMODE(target.stat().st_mode) if target.exists() else 0o600
    handle, name = tempfile.mkstemp(prefix=".config-", suffix=".toml", dir=target.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(text.encode())
            file.flush()
            os.fsync(file.fileno())
        Path(name).chmod(mode)
        Path(name).replace(target)
    except BaseException:
        with contextlib.suppress(OSError):
            Path(name).unlink()
        raise
