"""What has to be there before an operation, and which of its requests is the write."""

import pickle
import shutil
from dataclasses import dataclass
from typing import Any

from tests.e2e.network.line import ACCOUNT, Line, Ran
from tests.e2e.network.operations import WRITES, Operation
from tests.e2e.network.proxy import Act, Harm, Stage
from tui_numbers.services.paths import Paths

_RETARGET = WRITES[0]


@dataclass(frozen=True)
class Kept:
    """A world and a journal, to begin with again and again."""

    packed_world: bytes
    files: dict[str, bytes]
    identifier: str

    def fresh_world(self) -> Any:
        return pickle.loads(self.packed_world)


_kept: dict[str, Kept] = {}
_writes_at: dict[str, int] = {}
_stock: list[str] = []


def run(line: Line, operation: Operation, identifier: str = "") -> Ran:
    """Run an operation at the account behind the proxy."""
    words = [
        word.format(stock=_stock[0] if _stock else "", id=identifier) for word in operation.words
    ]
    named = () if "--account" in words else ("--account", ACCOUNT)
    return line.run(*named, *words)


def prepare(line: Line, operation: Operation) -> str:
    """Bring about what an operation begins with; return the identifier that it is told."""
    if not _stock:
        found = line.run("--account", ACCOUNT, "search", "--country", "GB", "--limit", "1")
        _stock.append(found.json[0]["number"])
    if operation.prepared not in _kept:
        _kept[operation.prepared] = _made(line, operation.prepared)
    kept = _kept[operation.prepared]
    line.reset(kept.fresh_world())
    state = Paths.of_user().state
    state.mkdir(parents=True, exist_ok=True, mode=0o700)
    for name, content in kept.files.items():
        (state / name).write_bytes(content)
    return kept.identifier


def write_at(line: Line, operation: Operation) -> int:
    """Return how many requests come before the write, as a healthy run shows it."""
    if operation.name not in _writes_at:
        identifier = prepare(line, operation)
        assert run(line, operation, identifier).code == 0
        methods = [passed.method for passed in line.proxy.passed]
        _writes_at[operation.name] = methods.index("POST")
        _forget()
    return _writes_at[operation.name]


def _made(line: Line, what: str) -> Kept:
    """Do for real what came before, and keep what it left."""
    identifier = ""
    line.reset()
    _forget()
    if what == "done":
        (done,) = run(line, _RETARGET).json
        identifier = done["operation"]
    elif what:
        harm = _TURNED_AWAY if what == "left" else Harm(Stage.ANSWER, Act.RESET)
        line.proxy.harm(harm, write_at_of_retarget(line))
        run(line, _RETARGET)
        line.proxy.heal()
        (recorded,) = line.run("history", "--format", "json").json
        assert recorded["outcome"] == {"left": "failed", "open": "unknown"}[what]
        identifier = recorded["batch"]
    state = Paths.of_user().state
    files = {one.name: one.read_bytes() for one in state.glob("*") if one.is_file()}
    kept = Kept(pickle.dumps(line.sandbox.world), files, identifier)
    _forget()
    return kept


def write_at_of_retarget(line: Line) -> int:
    """Rehearse the retarget, and leave everything as it was."""
    at = write_at(line, _RETARGET)
    line.reset()
    _forget()
    return at


def _forget() -> None:
    shutil.rmtree(Paths.of_user().state, ignore_errors=True)


_TURNED_AWAY = Harm(
    Stage.REQUEST, Act.SAY, b"HTTP/1.1 429 Busy\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
)
