"""Confirm plans with one question, send them, and show what came of it."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Any

from tui_numbers.domain.e164 import international
from tui_numbers.domain.numbers import OwnedNumber
from tui_numbers.domain.operations import Action
from tui_numbers.providers.errors import ProviderError
from tui_numbers.services.batch import Batch, spaced_seconds
from tui_numbers.services.due import IN_DEMO, NEEDS_RUNNER
from tui_numbers.services.planning import Consent, Plan, Result
from tui_numbers.services.preview import Preview
from tui_numbers.services.routing import Labels
from tui_numbers.services.settling import describe_open, to_agree_to
from tui_numbers.services.temporary import to_ask_about, until_words, why_without_end
from tui_numbers.ui.dialogs.confirm import Answers, ConfirmScreen, OnStep, Question, Send, Then
from tui_numbers.ui.frame import Tone
from tui_numbers.ui.host import Host
from tui_numbers.wording.plans import (
    batch_line,
    batch_notes,
    duration_lines,
    plan_lines,
    refusal_line,
    result_lines,
    shared_warnings,
    subject,
)

TYPE_COUNT_ABOVE = 5
"""How many numbers are changed together without their count being typed."""

PROGRAM_FAILED = "the program failed; History keeps what is known of this"


async def confirm(host: Host, question: Question, send: Send) -> tuple[list[Result], Then]:
    """Ask; return what came of it, and what the person wants then."""

    async def send_and_tell(answers: Answers, on_step: OnStep) -> list[Result]:
        try:
            results = await send(answers, on_step)
        except Exception as error:  # noqa: BLE001 - one write must not end the others
            host.say(f"{PROGRAM_FAILED} ({type(error).__name__})", Tone.BAD)
            return []
        host.take_results(results)
        if not screen.is_active:
            _tell_behind(host, results)
        return results

    async def sheltered(answers: Answers, on_step: OnStep) -> list[Result]:
        return await host.writes.run(send_and_tell(answers, on_step))

    screen = ConfirmScreen(question, sheltered)
    results = await host.push_screen_wait(screen)
    return results or [], screen.then


async def confirm_batch(
    host: Host, question: Question, batch: Batch, reasons: Sequence[str] = ()
) -> tuple[list[Result], Then]:
    """Ask about a batch and run it; ``reasons`` stand for plans where no reason is typed."""
    # The rules of a write may carry a plan out in another form, but for the same number.
    places = {(plan.account.name, plan.number): at for at, plan in enumerate(batch.plans)}

    async def send(answers: Answers, on_step: OnStep) -> list[Result]:
        batch.reason = answers.reason
        batch.reasons = [answers.reason or known for known in reasons]
        if answers.until is not None:
            batch.plans = [await _until(host, plan, answers.until) for plan in batch.plans]
        if answers.earlier_stands is not None:
            batch.consent = _with_ends(batch.consent, batch.plans, stand=answers.earlier_stands)
        return await batch.run(
            on_result=lambda place, result: on_step(place, result.outcome.value),
            on_step=lambda plan, step: on_step(places[plan.account.name, plan.number], step),
        )

    return await confirm(host, replace(question, stop=batch.cancel), send)


async def _until(host: Host, plan: Plan, until: datetime) -> Plan:
    """Return a plan that is put back then, refused where that could not be."""
    if not plan.is_needed:
        return plan
    try:
        client = await host.session.workspace.client(plan.account)
    except ProviderError as error:
        return replace(plan, refusal=plan.refusal or str(error))
    return replace(plan, until=until, refusal=plan.refusal or why_without_end(plan, client))


def _with_ends(consent: Consent, plans: Sequence[Plan], *, stand: bool) -> Consent:
    """Return the consent once somebody said whether the ends of earlier changes stand."""
    found = frozenset(end.operation for plan in plans for end in to_ask_about(plan))
    return replace(consent, standing=found) if stand else replace(consent, lifted=found)


def preview_in(host: Host) -> Preview:
    """Return what adds to plans what providers, the journal and the screens' targets tell."""
    return Preview(host.session.writer, partial(named, host))


def named(host: Host, number: OwnedNumber) -> OwnedNumber:
    """Return a number whose targets have their names, where they are known."""
    options = host.known_targets(number.account)
    return Labels(option.target for option in options).on(number)


def consent_to(plans: Sequence[Plan], *, release: bool = False) -> Consent:
    """Return what the person agrees to by confirming these plans, twice where that is asked."""
    production = frozenset(plan.account.name for plan in plans if plan.account.production)
    released = frozenset(plan.number for plan in plans) if release else frozenset()
    over = frozenset(one.id for plan in plans for one in to_agree_to(plan))
    return Consent(given=True, production=production, released=released, over=over)


def question_about(host: Host, plan: Plan, consent: Consent, verb: str, **more: Any) -> Question:
    """Return the question about one plan; ``more`` says what of it differs."""
    refused = _refusals(host, [plan], consent)[0]
    lines = [*more.pop("lines", plan_lines(plan))]
    if refused is not None and plan.refusal is None:
        lines.append(refusal_line(refused))
    usual = Question(
        title=f"{verb} {subject(plan)}",
        lines=lines,
        verb=verb.partition(" ")[0],
        badge="PRODUCTION" if consent.production else "",
        forbidden=refused is not None,
        names=_production([plan], [refused]),
        reason_required=plan.account.require_reason,
        second=_second([plan]),
        **_ends_of(host, [plan]),
    )
    return replace(usual, **more)


def question_about_all(
    host: Host, plans: Sequence[Plan], consent: Consent, verb: str, *, goes_on: bool
) -> Question:
    """Return the question about plans; several of them are a line each."""
    if len(plans) == 1:
        return question_about(host, plans[0], consent, verb, can_be_undone=True, goes_on=goes_on)
    refusals = _refusals(host, plans, consent)
    counted = len(plans) > TYPE_COUNT_ABOVE
    going = [plan for plan, refused in zip(plans, refusals, strict=True) if refused is None]
    return Question(
        title=f"{verb} {len(plans)} numbers",
        lines=[batch_line(*entry) for entry in zip(plans, refusals, strict=True)],
        verb=verb.partition(" ")[0],
        badge="PRODUCTION" if consent.production else "",
        forbidden=all(refusals),
        type_this=str(len(plans)) if counted else "",
        type_hint=f"type {len(plans)} to confirm" if counted else "",
        names=_production(plans, refusals),
        can_be_undone=True,
        reason_required=any(plan.account.require_reason for plan in plans),
        notes=[
            *batch_notes(plans, refusals),
            *duration_lines(spaced_seconds(host.session.workspace, going)),
            *shared_warnings(plans),
        ],
        several=True,
        goes_on=goes_on,
        second=_second(plans),
        **_ends_of(host, plans),
    )


def _refusals(host: Host, plans: Sequence[Plan], consent: Consent) -> list[str | None]:
    """Return for each plan why the rules forbid it, or None; a reason can still be given."""
    writer, several = host.session.writer, len(plans) > 1
    # Whether earlier ends stand is asked on the way; it forbids nothing yet.
    agreed = _with_ends(consent, plans, stand=True)
    return [writer.refusal(plan, agreed, "-", several=several) for plan in plans]


def _production(plans: Sequence[Plan], refusals: Sequence[str | None]) -> list[str]:
    """Return the production accounts at which something will be sent."""
    return sorted(
        {
            plan.account.name
            for plan, refused in zip(plans, refusals, strict=True)
            if plan.account.production and refused is None and plan.is_needed
        }
    )


def _ends_of(host: Host, plans: Sequence[Plan]) -> dict[str, Any]:
    """Return what a question says of ends: whether there can be one, and which stands already."""
    earlier = [end for plan in plans for end in to_ask_about(plan)]
    more = f", and {len(earlier) - 1} more like it" if earlier[1:] else ""
    return {
        "takes_end": all(plan.action in (Action.RETARGET, Action.SET) for plan in plans),
        "end_note": IN_DEMO if host.session.demo else NEEDS_RUNNER,
        "earlier_end": f"{until_words(earlier[0])}{more}" if earlier else "",
    }


def _second(plans: Sequence[Plan]) -> str:
    """Return what is asked once more before plans are sent; empty for nothing."""
    found = [one for plan in plans for one in to_agree_to(plan)]
    if not found:
        return ""
    more = f", and {len(found) - 1} more like it" if found[1:] else ""
    return f"{describe_open(found[0])}{more}: o sends all the same, Enter or Esc does not"


def _tell_behind(host: Host, results: Sequence[Result]) -> None:
    """Say what came of a write whose dialog was left."""
    for result in results:
        lines = result_lines(result)
        tone = {"good": Tone.GOOD, "bad": Tone.BAD}.get(lines[0].tone, Tone.WARN)
        words = "; ".join(line.text for line in lines)
        host.say(f"{result.plan.action} {international(result.plan.number)} {words}", tone)
