"""Write tables as CSV, JSON or Markdown, and keep them in files that nobody else reads."""

import csv
import io
import json
import os
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from tui_numbers.domain.e164 import is_e164
from tui_numbers.domain.text import clean

ENDINGS = (".csv", ".json", ".md")
"""The endings of file names by which a format is chosen."""

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""What a spreadsheet takes for a formula's beginning, some in the wide form too."""


class ExportError(Exception):
    """A table cannot be kept under the name that was given; the text says why."""


def csv_text(headings: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> str:
    """Return comma-separated values under these headings; what a row lacks is empty."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow([csv_cell("", heading) for heading in headings])
    for row in rows:
        writer.writerow([csv_cell(heading, row.get(heading)) for heading in headings])
    return buffer.getvalue()


def csv_cell(heading: str, value: Any) -> str:
    """Return a value as a cell that no spreadsheet takes for a formula; E.164 stays bare."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list | tuple):
        value = ",".join(map(str, value))
    text = str(value)
    bare = heading.casefold() == "number" and is_e164(text)
    guard = "'" if text.startswith(_FORMULA) and not bare else ""
    return guard + clean(text, longest=len(text))


def json_text(records: Sequence[Mapping[str, Any]]) -> str:
    """Return records as a JSON document in plain ASCII, every other character escaped."""
    return json.dumps(list(records), indent=2) + "\n"


def markdown_text(headings: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> str:
    """Return a table in Markdown; no text in it ends its cell or begins anything else."""
    lines = [_markdown_line(headings), _markdown_line(["---"] * len(headings))]
    lines.extend(_markdown_line([_markdown_cell(row.get(key)) for key in headings]) for row in rows)
    return "\n".join(lines) + "\n"


def _markdown_line(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _markdown_cell(value: Any) -> str:
    text = "" if value is None else clean(str(value), longest=len(str(value)))
    for sign in "\\`*_[]<>|~":
        text = text.replace(sign, f"\\{sign}")
    return text


def ending_of(name: str) -> str:
    """Return the ending by which the format of a file is chosen.

    Raises:
        ExportError: The name has none of those known.
    """
    ending = Path(name).suffix.lower()
    if not name.strip() or ending not in ENDINGS:
        raise ExportError(f"end the name in {', '.join(ENDINGS[:-1])} or {ENDINGS[-1]}")
    return ending


def keep(name: str, text: str, *, replacing: bool = False) -> Path:
    """Write a file that its owner alone can read (mode 0600); return its whole path.

    ``~`` stands for the home directory. A file that is there is left whole until the new one is.

    Raises:
        FileExistsError: There is one of that name, and it is not to be replaced.
        ExportError: It cannot be written.
    """
    try:
        path = Path(name.strip()).expanduser().absolute()
        taken = path.exists()
    except (OSError, RuntimeError, ValueError) as error:
        raise ExportError(f"it cannot be written: {error}") from None
    if path.is_dir():
        raise ExportError(f"{path} is a directory: add a name")
    if taken and not replacing:
        raise FileExistsError(str(path))
    try:
        _write(path, text.encode("utf-8", "backslashreplace"), replacing=replacing)
    except FileExistsError:
        raise FileExistsError(str(path)) from None
    except OSError as error:
        raise ExportError(f"it cannot be written: {error.strerror or error}") from None
    return path


def _write(path: Path, content: bytes, *, replacing: bool) -> None:
    """Write beside the place, then go there at once; made with mode 0600."""
    handle, temporary = tempfile.mkstemp(prefix=f".{path.name[:40]}.", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        if replacing:
            Path(temporary).replace(path)
        else:
            # Fails where somebody made the file meanwhile, which renaming would replace unasked.
            os.link(temporary, path)
    finally:
        Path(temporary).unlink(missing_ok=True)
