"""From History: go on with what a batch left, or put a whole batch back."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from tui_numbers.domain.e164 import international
from tui_numbers.domain.operations import JournalError, Operation
from tui_numbers.services import resume
from tui_numbers.services.batch import Batch
from tui_numbers.services.planning import Plan, Result
from tui_numbers.services.preview import Prepare
from tui_numbers.services.settling import is_open
from tui_numbers.services.undo import look_again, prepare_undo, undoable_of
from tui_numbers.ui.dialogs.confirm import OnStep
from tui_numbers.ui.flows.changing import Changing
from tui_numbers.ui.frame import Tone


class Recorded(Changing):
    """Flows over what the journal keeps."""

    async def resume(self, operation: Operation) -> None:
        """Plan again what the operation's batch left, ask, send."""
        workspace = self._workspace

        async def prepare(group: Sequence[Operation]) -> Plan:
            return await resume.prepare_resume(workspace, group[0], self._app.find_owned)

        with self._app.saying("reading afresh what the batch left; Esc stops"):
            try:
                operations = await self._settled_batch(operation)
            except JournalError as error:
                self._app.say(str(error), Tone.BAD)
                return
            left = resume.left_of(operations)
            if not left:
                self._app.say("everything in this batch was done: there is nothing to resume")
                return
            plans = await self._prepared([[one] for one in left], prepare, "resumed")
        several = len({one.number for one in operations}) > 1
        reasons = {one.number: one.reason for one in left}
        await self._send(plans, "Resume", operation.batch, reasons, several=several, resumes=left)

    async def _settled_batch(self, operation: Operation) -> Sequence[Operation]:
        """Return the operation's whole batch, having settled what of it is open.

        Raises:
            JournalError: The journal cannot be read or written.
        """
        journal = self._changes.journal
        operations = await resume.batch_of(journal, operation.batch)
        if any(map(is_open, operations)):
            left = resume.left_of(operations)
            await resume.settle_open(self._workspace, journal, left)
            operations = await resume.batch_of(journal, operation.batch)
        return operations

    async def undo_batch(self, operation: Operation) -> None:
        """Put everything back that the operation's batch changed, newest first."""

        async def prepare(group: Sequence[Operation]) -> Plan:
            return await prepare_undo(self._workspace, *group)

        with self._app.saying("reading afresh what the batch changed; Esc stops"):
            try:
                operations = await resume.batch_of(self._changes.journal, operation.batch)
                operations = await look_again(self._workspace, self._changes.journal, operations)
            except JournalError as error:
                self._app.say(str(error), Tone.BAD)
                return
            groups = undoable_of(operations)
            if not groups:
                self._app.say("nothing of this batch was done, so there is nothing to put back")
                return
            plans = await self._prepared(groups, prepare, "put back")
        await self._send(plans, "Undo", None, {}, several=len(groups) > 1)

    async def _prepared(
        self, groups: Sequence[Sequence[Operation]], prepare: Prepare, done: str
    ) -> list[Plan]:
        """Return what can be planned; say what cannot, and why."""
        entries = await self.preview().of_recorded(groups, prepare)
        problems = [
            f"{international(group[0].number)} is not {done}: {entry}"
            for group, entry in zip(groups, entries, strict=True)
            if not isinstance(entry, Plan)
        ]
        for problem in problems[1:]:
            self._app.log_line(problem)
        if problems:
            more = f"; {len(problems) - 1} more like it (@ has all)" if problems[1:] else ""
            self._app.say(problems[0] + more, Tone.WARN)
        return [self.named_plan(entry) for entry in entries if isinstance(entry, Plan)]

    async def _send(
        self,
        plans: list[Plan],
        verb: str,
        identifier: str | None,
        reasons: dict[Any, str],
        *,
        several: bool,
        resumes: Sequence[Operation] = (),
    ) -> None:
        """Ask once, then send as one batch: the old one goes on, or a new one begins."""
        if not plans:
            return
        consent = self.consent(plans)
        question = self._question(plans, consent, verb, goes_on=False)
        places = {id(plan): place for place, plan in enumerate(plans)}

        batch = Batch(self._changes, plans, consent, several=several)
        batch.id = identifier or batch.id
        numbers = {(plan.account.name, plan.number) for plan in plans}
        batch.resumes = [one for one in resumes if (one.account, one.number) in numbers]

        async def send(reason: str, on_step: OnStep) -> list[Result]:
            batch.reasons = [reason or reasons.get(plan.number, "") for plan in plans]
            return await batch.run(
                on_result=lambda place, result: on_step(place, result.outcome.value),
                on_step=lambda plan, step: on_step(places[id(plan)], step),
            )

        await self.ask(replace(question, stop=batch.cancel), send)
        self._app.main.action_refresh()
