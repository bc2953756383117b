"""Where it happens: a home of its own, a sandbox on a port, faults, and somebody else."""

import json
import os
import random
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from msgspec import structs

from tests.e2e.endurance.write_recorder import PROVIDERS, WriteRecorder, watching
from tests.support import loaded_program
from tui_numbers.domain.operations import Operation, Outcome
from tui_numbers.sandbox.accounts import ACCOUNTS, config_toml, environment
from tui_numbers.sandbox.app import Sandbox, build_world
from tui_numbers.sandbox.faults import Faults, parse_faults
from tui_numbers.sandbox.server import background
from tui_numbers.services.paths import Paths
from tui_numbers.storage.sqlite_journal import SqliteJournal

TYPED_SECRET = "typed-by-hand-3f9c1e7a"
"""A secret that is now and then typed into the accounts screen."""

READS = ("list", "get", "users", "applications", "flows", "search", "check")
READ_FAULTS = (
    "429", "429:retry_after=1", "500", "502", "503", "503:retry_after=1", "html", "half-json",
    "truncated", "empty", "reset-before", "reset-after", "bad-record", "bad-number",
    "extra-fields", "hide-flow", "total-too-high", "total-too-low", "error-inside-200",
    "expired-cursor", "unauthorized", "forbidden",
    "latency:seconds=0.2",
)  # fmt: skip
WRITE_FAULTS = (
    "429", "429:retry_after=1", "500", "500:made=1", "503", "504", "504:made=1", "html",
    "truncated", "half-json", "empty", "reset-before", "reset-after", "not-applied",
    "other-setting", "slow-visible:reads=1", "slow-visible:reads=3", "slow-visible:seconds=4",
    "slow-visible:reads=2+reset-after", "not-applied+reset-after", "error-inside-200", "forbidden",
    "latency:seconds=0.3", "latency:seconds=0.3+reset-after",
)  # fmt: skip
STALLS = ("latency:seconds=5", "latency:seconds=5+reset-after")
"""What outlasts the patience that the in-process driver has with a request."""

_WRITING = frozenset({"retarget", "set", "undo", "resume"})
_SENT = frozenset({Outcome.VERIFIED, Outcome.DIFFERENT, Outcome.UNKNOWN})
CODES = frozenset({0, 1, 2, 3, 4, 5, 6})
"""Exit codes that a command may end with."""


def random_fault(dice: random.Random, *, stalls: bool) -> str:
    """Return an order for the sandbox, as its control port takes it."""
    provider = dice.choice((*PROVIDERS, "*", "*", "*"))
    if dice.random() < 0.7:
        kinds: tuple[str, ...] = (*WRITE_FAULTS, *(STALLS if stalls else ()))
        route, kind = dice.choice(("update", "update", "*", "buy", "release")), dice.choice(kinds)
        if route == "*" and "latency" in kind:
            route = "update"
    else:
        route, kind = dice.choice((*READS, "*")), dice.choice(READ_FAULTS)
    more = f"times={dice.randint(1, 4)},after={dice.choice((0, 0, 0, 1, 3))}"
    if dice.random() < 0.15:
        more = f"rate={dice.choice((0.1, 0.3, 1.0))},times={dice.randint(5, 20)}"
    parts = (f"{one}{',' if ':' in one else ':'}{more}" for one in kind.split("+"))
    return ";".join(f"{provider}:{route}:{part}" for part in parts)


@dataclass
class Surroundings:
    """The world before which a driver plays."""

    sandbox: Sandbox
    origin: str
    witness: WriteRecorder
    secrets: tuple[str, ...]
    unexpected: list[str] = field(default_factory=list)

    def configure(self) -> None:
        """Write the configuration anew, whatever became of it."""
        file = Paths.of_user().config_file
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(config_toml(self.origin))

    def misbehave(self, text: str) -> None:
        for fault in parse_faults(text):
            self.sandbox.faults.add(fault)

    def behave(self) -> None:
        self.sandbox.faults.clear()

    def operations(self) -> list[Operation]:
        """Return what the journal says, read as another process would."""
        journal = SqliteJournal(Paths.of_user().journal)
        try:
            return journal.operations()
        finally:
            journal.close()

    def meddle(self, dice: random.Random) -> str:
        """Have somebody else change a number, or give it up; returns what in words."""
        provider = dice.choice(PROVIDERS)
        records = list(self.witness.ledger(provider).records.items())
        if not records:
            return f"somebody else finds nothing at {provider}"
        key, record = dice.choice(records[:12])
        if dice.random() < 0.08 and len(records) > 12:
            self.witness.meddle(provider, key, lambda _: None)
            return f"somebody else gives up {record.number}"
        change = _another(self.sandbox.world, provider, dice)
        self.witness.meddle(provider, key, change)
        return f"somebody else changes {record.number}"

    def command(self, *words: str) -> Any:
        """Start a command in a process of its own."""
        return loaded_program.start("tui_numbers", words, {**os.environ, **environment()})

    def random_command(self, dice: random.Random) -> list[str]:
        """Return the words of a command that reads or writes."""
        provider = dice.choice(PROVIDERS)
        numbers = [one.number for one in self.witness.ledger(provider).records.values()][:12]
        chosen = dice.sample(numbers, min(len(numbers), dice.choice((1, 1, 1, 3, 6))))
        written = [one for one in self.operations() if one.outcome is not Outcome.REFUSED]
        kind = dice.choice(("list", "retarget", "retarget", "set", "undo", "settle", "resume"))
        if kind == "retarget" and chosen:
            to = f"phone:+4420794609{dice.randint(10, 99)}"
            if provider == "parakeet":
                to = f"user:{dice.choice(list(self.sandbox.world.parakeet.users)[:6])}"
            return ["retarget", *chosen, "--to", to, "--yes", "--reason", "by command"]
        if kind == "set" and provider == "fonedynamics" and chosen:
            return ["set", chosen[0], f"friendly=Desk {dice.randint(1, 99)} [/b]", "--yes"]
        if kind == "undo" and written:
            one = dice.choice(written[:30])
            return ["undo", dice.choice((one.id, one.batch)), "--yes"]
        if kind == "resume" and written:
            return ["resume", dice.choice(written[:30]).batch, "--yes"]
        return ["history", "--settle"] if kind == "settle" else ["list", "--format", "json"]

    def judge_command(self, words: list[str], process: Any) -> str | None:
        """Wait for a command; say what is wrong with how it ended, or nothing."""
        out, told = process.communicate(timeout=120)
        if process.returncode not in CODES:
            return f"{' '.join(words)} ended with {process.returncode}: {told}"
        if "Traceback" in told or "program failed" in told:
            return f"{' '.join(words)} failed: {told}"
        if not out.strip() or out.lstrip()[0] not in "[{":
            return None
        rows = json.loads(out)
        recorded = {one.id: one.outcome for one in self.operations()}
        for row in rows if words[0] in _WRITING else ():
            kept = recorded.get(row["operation"])
            # What is unknown may have been settled by now; what nobody recorded was not sent.
            if kept is not None and row["outcome"] not in (kept, Outcome.UNKNOWN):
                return f"{' '.join(words)} told {row['outcome']}, the journal says {kept}: {row}"
            if kept is None and row["outcome"] in _SENT:
                return f"{' '.join(words)} told {row['outcome']}, and it is not recorded: {row}"
        return None

    def trouble(self) -> list[str]:
        """Return what the program wrote that it must not write."""
        found = []
        paths = Paths.of_user()
        if paths.log.exists():
            found.append(f"an unexpected error was logged:\n{paths.log.read_text()[-6000:]}")
        # Not in this process: to close a file of SQLite's would drop the locks that it holds.
        words = [word for one in self.secrets for word in ("-e", one)]
        grep = ["grep", "--recursive", "--files-with-matches", "--text", "--fixed-strings"]
        held = subprocess.run(
            [*grep, *words, os.environ["HOME"]], capture_output=True, text=True, check=False
        )
        return found + [f"{path} holds a secret" for path in held.stdout.splitlines()]


def _another(world: Any, provider: str, dice: random.Random) -> Callable[[Any], Any]:
    """Return a change that nobody makes from here."""
    if provider == "parakeet":
        target = dice.choice(list(world.parakeet.users)[-3:])
        return lambda record: structs.replace(record, target=target)
    if provider == "fonedynamics":
        if dice.random() < 0.3:
            name = f"Other {dice.randint(1, 999)}"
            return lambda record: structs.replace(record, friendly=name)
        phone = f"+6149157{dice.randint(1000, 9999)}"
        changes: dict[str, Any] = {"routing": "Endpoint", "endpoint": phone, "flow": None}
        return lambda record: structs.replace(record, **changes)
    digits = f"4477009{dice.randint(10000, 99999)}"
    return lambda record: structs.replace(record, voice_type="tel", voice_value=digits)


@contextmanager
def stage(numbers: int = 60, clock: Callable[[], float] | None = None) -> Iterator[Surroundings]:
    """Serve a sandbox on a port, watched, with a home whose configuration uses it."""
    world = build_world(numbers)
    sandbox = Sandbox(world, Faults(), *([clock] if clock is not None else ()))
    witness = WriteRecorder(world, Paths.of_user().journal)
    with watching(witness), background(sandbox) as origin:
        secrets = (*(account.secret for account in ACCOUNTS), TYPED_SECRET)
        made = Surroundings(sandbox, origin, witness, secrets)
        made.configure()
        yield made
