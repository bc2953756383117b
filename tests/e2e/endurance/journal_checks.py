"""What must hold of a journal, measured by what the witness saw."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.e2e.endurance.write_recorder import SOMEBODY_ELSE, Deed, WriteRecorder
from tui_numbers.domain.operations import Action, Operation, Outcome
from tui_numbers.domain.text import clean
from tui_numbers.services.settling import NOT_DONE

_ROUNDING = timedelta(milliseconds=2)
"""The journal keeps milliseconds."""
_A_WHILE = timedelta(minutes=2)
"""How long before its beginning an operation may have been prepared from what was read."""
_OPEN = frozenset({None, Outcome.UNKNOWN, Outcome.PLANNED})
_NEVER_SENT = frozenset({Outcome.REFUSED, Outcome.UNCHANGED, Outcome.PLANNED})
_ROUTES = {Action.BUY: "buy", Action.RELEASE: "release"}


def settings_of(provider: str, record: Any) -> dict[str, str | None]:
    """Return what a record of the sandbox means, in the words of the settings."""
    if provider == "parakeet":
        kind = "team" if (record.target or "").startswith("TM") else "user"
        return {"target": record.target and f"{kind}:{record.target}"}
    if provider == "fonedynamics":
        voice = record.endpoint and f"phone:{record.endpoint}"
        if record.routing == "Flow":
            voice = f"flow:{record.flow}"
        names = [f"attribution_{one}" for one in ("source", "medium", "campaign", "content")]
        names.append("friendly")
        found = {name: getattr(record, name) for name in names}
        return found | {"voice": voice, "recording": record.recording.lower()}
    if provider == "twilio":
        return _twilio_settings(record)
    if provider == "telnyx":
        return {"connection": record.connection and f"connection:{record.connection}"}
    kind, value = record.voice_type, record.voice_value or ""
    voice = {"tel": f"phone:+{value.removeprefix('+')}", "sip": f"sip:{value}"}.get(kind)
    application = record.app_id or (value if kind == "app" else None) or record.messages_value
    return {
        "application": application and f"application:{application}",
        "voice": voice,
        "sms": record.mo_http_url and f"webhook:{record.mo_http_url}",
        "voice_status": record.voice_status_callback,
    }


def _twilio_settings(record: Any) -> dict[str, str | None]:
    fields = {
        "trunk": ("trunk", record.trunk),
        "voice_application": ("application", record.voice_application),
        "voice": ("webhook", record.voice_url),
        "sms_application": ("application", record.sms_application),
        "sms": ("webhook", record.sms_url),
    }
    return {key: value and f"{kind}:{value}" for key, (kind, value) in fields.items()}


@dataclass
class Truth:
    """Compares the journal with the world again and again, and remembers what it said before."""

    witness: WriteRecorder
    known: dict[str, Operation] = field(default_factory=dict)
    checked: set[str] = field(default_factory=set)

    def lies(self, operations: Sequence[Operation]) -> list[str]:
        """Return every statement of the journal that does not hold."""
        found = list(self.witness.lies)
        sent: dict[str, list[Deed]] = defaultdict(list)
        for deed in list(self.witness.deeds):
            if deed.operation is not None:
                sent[deed.operation].append(deed)
        present = {operation.id for operation in operations}
        found += [f"{one} is gone from the journal" for one in self.known.keys() - present]
        found += [f"{one} was sent, and is not in the journal" for one in sent.keys() - present]
        for operation in operations:
            found += self._moved_on(operation)
            if operation.id not in self.checked:
                wrong = self._wrong(operation, sent[operation.id])
                found += [f"{line}\n{told(operation, sent[operation.id])}" for line in wrong]
                if operation.outcome not in _OPEN:
                    self.checked.add(operation.id)
            self.known[operation.id] = operation
        return found

    def unexplained(self) -> list[str]:
        """Return the numbers that are not as the last deed left them."""
        return [
            f"{provider} {number} is not as it was left by {states[-1].by}"
            for (provider, number), states in list(self.witness.states.items())
            if self.witness.record(provider, number) != states[-1].record
        ]

    def _moved_on(self, operation: Operation) -> list[str]:
        """An outcome that was said stands, except that unknown can be settled."""
        before = self.known.get(operation.id)
        if before is None or before.outcome in _OPEN or before.outcome is operation.outcome:
            return []
        return [f"{operation.id} was {before.outcome}, and is {operation.outcome} now"]

    def _wrong(self, operation: Operation, sent: Sequence[Deed]) -> list[str]:
        route = _ROUTES.get(operation.action, "update")
        if any((one.number, one.route) != (operation.number, route) for one in sent):
            return ["it sent another request than it says"]
        if len(sent) > 1:
            return ["it was sent more than once"]
        if operation.outcome in _NEVER_SENT:
            return [f"it is {operation.outcome}, and was sent"] if sent else []
        wrong = [line for one in sent for line in self._wrong_request(operation, one)]
        return wrong + self._wrong_records(operation) + self._wrong_outcome(operation, sent)

    def _wrong_request(self, operation: Operation, deed: Deed) -> list[str]:
        """What a request changed is what the operation says, and nothing else."""
        if not deed.applied or None in (deed.before, deed.after, operation.requested):
            return []
        if "other-setting" in deed.faults:
            return []
        if not self._is(operation, "after", deed.after):
            return ["its request asked for something else than it says"]
        before = settings_of(deed.provider, deed.before)
        others = {
            key: value
            for key, value in settings_of(deed.provider, deed.after).items()
            if key not in operation.keys and value != before[key]
        }
        if others and not self._others(operation) and not self._shadowed(operation):
            return [f"its request changed what nobody asked for: {others}"]
        return []

    def _wrong_records(self, operation: Operation) -> list[str]:
        """What it says was there before, and was read back, was so at some time."""
        if self._misled(operation):
            return []
        _, end = _span(operation)
        held = [
            settings_of(operation.provider, state.record)
            for state in self.witness.states.get((operation.provider, operation.number), [])
            if state.record is not None and state.since <= end
        ]
        return [
            f"its {side} was never so: {record.settings}"
            for side, record in (("before", operation.before), ("observed", operation.observed))
            if record is not None and not any(_shows(one, record.settings) for one in held)
        ]

    def _shadowed(self, operation: Operation) -> bool:
        """Whether a reading may have shown what was so before an earlier request."""
        end = _span(operation)[1]
        return any(
            "slow-visible" in one.faults
            for one in list(self.witness.deeds)
            if (one.provider, one.number) == (operation.provider, operation.number)
            and one.at <= end
        )

    def _misled(self, operation: Operation) -> bool:
        """Whether an answer with records that are not so came meanwhile, or a little before."""
        begin, end = _span(operation)
        return any(
            provider == operation.provider and begin - _A_WHILE <= at <= end
            for provider, at in list(self.witness.misled)
        )

    def _wrong_outcome(self, operation: Operation, sent: Sequence[Deed]) -> list[str]:
        if operation.outcome is Outcome.FAILED:
            return self._wrong_failure(operation, sent)
        if operation.outcome is Outcome.VERIFIED:
            return self._wrong_success(operation, sent)
        if operation.outcome is Outcome.DIFFERENT:
            return self._wrong_difference(operation, sent)
        return []

    def _wrong_difference(self, operation: Operation, sent: Sequence[Deed]) -> list[str]:
        if not sent:
            again = "again" in (operation.error or "")
            return [] if again else ["it is different, and nothing was sent"]
        if not sent[0].applied or "other-setting" in sent[0].faults or self._others(operation):
            return []
        if self._shadowed(operation) or self._misled(operation):
            return []
        return ["it is different, and the world is as was asked"]

    def _wrong_failure(self, operation: Operation, sent: Sequence[Deed]) -> list[str]:
        error = operation.error or ""
        if error.startswith("not sent"):
            return ["it was not sent, and was"] if sent else []
        moved = [one for one in sent if one.moved]
        if not moved:
            return []
        if error == NOT_DONE and operation.finished_at is not None:
            # What came to the provider later, or shows there later, no reading can tell.
            late = [one for one in moved if self._when(one) > operation.finished_at - _ROUNDING]
            if late or "slow-visible" in moved[0].faults:
                return []
            if self._held(operation, "before"):
                return []
        return ["it failed, and was applied"]

    def _when(self, deed: Deed) -> datetime:
        states = self.witness.states.get((deed.provider, deed.number), [])
        return next((one.since for one in states if one.by == deed.operation), deed.at)

    def _wrong_success(self, operation: Operation, sent: Sequence[Deed]) -> list[str]:
        if not self._held(operation, "after"):
            return ["it is verified, and the world never held what was asked"]
        if any(one.applied for one in sent) or self._others(operation):
            return []
        return ["it is verified, and nobody did it"]

    def _others(self, operation: Operation) -> bool:
        """Whether the world was moved by anybody else while the operation was open."""
        begin, end = _span(operation)
        states = self.witness.states.get((operation.provider, operation.number), [])
        return any(
            begin <= one.since <= end and one.by != operation.id
            for one in states
            if one.by == SOMEBODY_ELSE or one.by in self.known
        )

    def _held(self, operation: Operation, side: str) -> bool:
        """Whether the world ever was so between the operation's beginning and its end."""
        begin, end = _span(operation)
        states = self.witness.states.get((operation.provider, operation.number), [])
        last = [one for one in states if one.since <= begin][-1:]
        during = [one for one in states if begin < one.since <= end]
        return any(self._is(operation, side, one.record) for one in (*last, *during)) or (
            not states and operation.action is Action.RELEASE
        )

    def _is(self, operation: Operation, side: str, record: Any) -> bool:
        wanted = operation.requested if side == "after" else operation.before
        if operation.action in (Action.BUY, Action.RELEASE):
            return (record is None) is ((operation.action is Action.RELEASE) is (side == "after"))
        if record is None or wanted is None:
            return False
        shown = settings_of(operation.provider, record)
        return all(
            _same(shown[key], wanted.settings.get(key)) for key in operation.keys if key in shown
        )


def _shows(held: dict[str, str | None], settings: Mapping[str, str | None]) -> bool:
    return all(_same(held[key], value) for key, value in settings.items() if key in held)


def _same(shown: str | None, wanted: str | None) -> bool:
    return (shown is None or shown == "") == (wanted is None) and (
        not shown or clean(shown) == clean(wanted or "")
    )


def _span(operation: Operation) -> tuple[datetime, datetime]:
    end = operation.finished_at or datetime.now(UTC)
    return operation.started_at - _ROUNDING, end + _ROUNDING


def told(operation: Operation, sent: Sequence[Deed]) -> str:
    """Return an operation beside what was seen of it."""
    asked = operation.requested.settings if operation.requested else None
    before = operation.before.settings if operation.before else None
    lines = [
        f"  {operation.id} {operation.action} {operation.number} at {operation.account}: "
        f"{operation.outcome} ({operation.error})",
        f"  from {operation.started_at} to {operation.finished_at}; keys {operation.keys}",
        f"  before {before}",
        f"  asked  {asked}",
        *(f"  {deed}" for deed in sent),
        *(f"    world before {deed.before}\n    world after  {deed.after}" for deed in sent),
    ]
    return "\n".join(lines)
