"""Writes the table fault x operation -> behaviour into this directory's README.

    python -m tests.e2e.network.make_table

It is made from what the tests expect, row by row and column by column; a test compares the file.
"""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from tests.e2e.network import screens
from tests.e2e.network.faults import FAULTS, Fault
from tests.e2e.network.operations import (
    READS,
    WRITES,
    Operation,
    of_read,
    of_write_cut_off,
    of_write_hit,
    of_write_never_begun,
)

README = Path(__file__).with_name("README.md")

_HEAD = """\
# What faults of the network come to

Made by `python -m tests.e2e.network.make_table` from what the tests in this directory expect of the
real program; do not edit it. A proxy on a real port stands between the program and the sandbox
(`proxy.py`). The program keeps its own time-outs: 5 s to connect, 15 s without a byte, 60 s for a
request, and four attempts in 45 s for a read. Where it can only wait for one of them, its event
loop's clock leaps there (`leaping_clock.py`).

A cell is the outcome that is shown and recorded, and the exit code in brackets: 1 not done,
5 unknown. What `history --settle` says once the fault is over, and the request can arrive no
more, follows after "then".

In every cell it also holds that a write is sent once at most, that no secret and no traceback is
written, that the account is named and what to do is said, and that no command takes longer than
130 s of the program's own time. Once the fault is over the next listing succeeds.

`list` and `retarget` are run with every fault. Each other command is run with one fault of every
kind, and each fault with one more read and one more write in turn; what stands in the other cells
follows from the kind of fault, which is decided below the commands.

A write is never asked again, so what `Retry-After` says is run for the retarget alone; the other
writes meet 429 and 503 without it.

TLS is verified against `certifi`'s authorities, or those that `SSL_CERT_FILE` or `SSL_CERT_DIR`
name.
"""


def text() -> str:
    """Return the whole file."""
    parts = [
        _HEAD,
        "## Commands that read, with the fault there from the beginning\n",
        _table(
            ["Fault", *(one.name for one in READS), "What is said"],
            (
                [one.name, *(str(of_read(read, one)) for read in READS), f"… {one.says} …"]
                for one in FAULTS
            ),
        ),
        "## Commands that write, with the fault at the write alone\n",
        _table(
            ["Fault", *(one.name for one in WRITES)],
            ([one.name, *(_written(write, one) for write in WRITES)] for one in FAULTS),
        ),
        "## A retarget on a line that stays lost\n",
        _table(
            ["Fault", "lost before it began", "lost with the write"],
            (
                [
                    one.name,
                    str(of_write_never_begun(WRITES[0], one)),
                    str(of_write_cut_off(WRITES[0], one)),
                ]
                for one in FAULTS
                if one.retry_after is None
            ),
        ),
        "## The dashboard, while keys are typed and answered\n",
        _table(["Fault", "Doing", "Shown", "Once it is over"], _screens()),
    ]
    return "\n".join(parts)


def _written(write: Operation, fault: Fault) -> str:
    same = fault.retry_after is not None and write is not WRITES[0]
    return "as without" if same else str(of_write_hit(write, fault))


def _screens() -> Iterator[list[str]]:
    for name in screens.LISTED:
        words = screens.words_of(screens.BY_NAME[name])
        kept = f"`uk-sms: {words} (10 from before), asking again`"
        yield [name, "first listing", f"`uk-sms: {words}, asking again`", "listed by itself"]
        yield [name, "refresh", kept, "listed by itself"]
    for name in screens.SEARCHED:
        words = screens.words_of(screens.BY_NAME[name])
        yield [name, "search", f"`uk-sms: {words}, asking again`", "found by itself"]
    for name, (words, outcome, _) in screens.VERDICTS.items():
        after = {"verified": "`u` puts it back", "unknown": "`S` settles it"}.get(outcome, "—")
        yield [name, "retarget", f"`{words}`", after]
    for name, settled in screens.LEFT.items():
        shown = "`unknown: it may have been done`, behind the dialog that was left"
        yield [name, "retarget", shown, f"`S` settles it: {settled}"]


def _table(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [headings, ["---"] * len(headings), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


if __name__ == "__main__":
    README.write_text(text(), encoding="utf-8")
