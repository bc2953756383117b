"""Buy a number, or release one: writes that cannot be undone."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial

from tui_numbers.domain import clock
from tui_numbers.domain.e164 import international
from tui_numbers.domain.numbers import AvailableNumber, OwnedNumber, Target
from tui_numbers.providers.contract import BuyTarget, ProviderInfo
from tui_numbers.providers.errors import ProviderError
from tui_numbers.services.batch import Batch
from tui_numbers.services.input_parsing import InvalidInput
from tui_numbers.services.planning import NO_UNDO, Consent, Plan, Result, plan_buy, plan_release
from tui_numbers.services.preview import Purse, purchase_warnings, purse
from tui_numbers.ui.dialogs.confirm import Answers, OnStep, Question, Then
from tui_numbers.ui.dialogs.picker import Choice, PickerScreen
from tui_numbers.ui.flows.confirmation import (
    confirm,
    confirm_batch,
    consent_to,
    preview_in,
    question_about,
    question_about_all,
)
from tui_numbers.ui.flows.target_picker import pick_target, problem_words
from tui_numbers.ui.frame import Tone
from tui_numbers.ui.host import Host
from tui_numbers.ui.selection import Selection
from tui_numbers.wording.plans import (
    plan_lines,
    purchase_lines,
    warning_lines,
)

_NO_TARGET = Target("", "")


async def buy(host: Host, chosen: Selection) -> None:
    """Show what is chosen, or the number under the cursor, and its cost; ask, buy, read back."""
    numbers = chosen.basket or (chosen.number,)
    stocks = [one for one in numbers if isinstance(one, AvailableNumber)]
    workspace = host.session.workspace
    accounts = {one.account: workspace.account(one.account) for one in stocks}
    asking = asyncio.ensure_future(
        asyncio.gather(*(purse(workspace, account) for account in accounts.values()))
    )
    try:
        plans = await _plan_purchases(host, stocks)
        if plans is None:
            return
        whose = "their balances" if len(accounts) > 1 else "its balance"
        with host.saying(f"asking {' and '.join(accounts)} for {whose}; Esc stops"):
            purses = dict(zip(accounts, await asking, strict=True))
    except (InvalidInput, ProviderError) as error:
        host.say(problem_words(error), Tone.BAD)
        return
    finally:
        asking.cancel()
    consent = consent_to(plans)
    batch = Batch(host.session.writer, plans, consent)
    await confirm_batch(host, _purchase_question(host, plans, consent, purses), batch)


async def _plan_purchases(host: Host, stocks: Sequence[AvailableNumber]) -> list[Plan] | None:
    """Have it picked where numbers point and what they name; None where that is given up.

    Numbers of one account point alike, and those of one country there name the same.
    """
    workspace = host.session.workspace
    plans: list[Plan] = []
    for name in dict.fromkeys(one.account for one in stocks):
        account, info = workspace.account(name), workspace.info(workspace.account(name))
        own = [one for one in stocks if one.account == name]
        target = await _pick_where(host, info, own)
        if target is None:
            return None
        named: dict[str | None, dict[str, str]] = {}
        for stock in own:
            if stock.country not in named:
                extras = await _pick_extras(host, info, stock)
                if extras is None:
                    return None
                named[stock.country] = extras
            plan = plan_buy(
                account,
                info,
                stock,
                None if target == _NO_TARGET else target,
                host.find_owned,
                named[stock.country],
            )
            plans.append(await preview_in(host).of(plan))
    return plans


async def _pick_where(
    host: Host, info: ProviderInfo, stocks: Sequence[AvailableNumber]
) -> Target | None:
    """Have a target picked for what is to be bought at one account; None where it is given up."""
    if not info.buy.offered:
        return _NO_TARGET
    later = [Choice(_NO_TARGET, "nowhere yet: set it later", "default")]
    first = later if info.buy_target is BuyTarget.AFTERWARDS else []
    what = f"{len(stocks):,} numbers" if stocks[1:] else international(stocks[0].number)
    title = f"Buy {what} at {stocks[0].account}: where to?"
    return await pick_target(host, [owned_stand_in(one) for one in stocks], title, first)


def _purchase_question(
    host: Host, plans: Sequence[Plan], consent: Consent, purses: Mapping[str, Purse]
) -> Question:
    """Return the question about purchases; Cancel has the focus, since they cost money."""
    warnings = []
    for name, known in purses.items():
        own = [plan.stock for plan in plans if plan.stock and plan.account.name == name]
        about = f"{name}: " if purses.keys() - {name} else ""
        info = host.session.workspace.info(host.session.workspace.account(name))
        warnings += [f"{about}{line}" for line in purchase_warnings(info, own, known)]
    if len(plans) == 1:
        plan = plans[0]
        lines = plan_lines(plan, known=purses[plan.account.name])
        lines.extend(warning_lines(warnings))
        return question_about(host, plan, consent, "Buy", lines=lines, dangerous=True)
    notes = [*purchase_lines(plans, purses), *warning_lines((NO_UNDO, *warnings))]
    question = question_about_all(host, plans, consent, "Buy", goes_on=False)
    shared = [line for line in question.notes if not _told_by_lines(line.text)]
    return replace(question, notes=[*shared, *notes], dangerous=True, can_be_undone=False)


def _told_by_lines(warning: str) -> bool:
    """Tell whether a warning says what the line of each number says as well."""
    return warning.startswith((NO_UNDO, "price unknown", "needs an address"))


async def _pick_extras(
    host: Host, info: ProviderInfo, stock: AvailableNumber
) -> dict[str, str] | None:
    """Let the person pick what the number's country demands; None where that is given up."""
    picked: dict[str, str] = {}
    client = await host.session.workspace.client(stock.account)
    for field in info.buy_fields:
        try:
            with host.saying(f"asking {stock.account} for its list of {field.key}; Esc stops"):
                listed = await client.buy_choices(field.key, stock)
        except ProviderError as error:
            host.say(f"{field.label} cannot be listed: {error}", Tone.WARN)
            continue
        if not listed:
            continue
        offered = [Choice("", "none", field.needed)]
        offered += [Choice(one.value, one.label, one.value[-6:]) for one in listed]
        title = f"{field.label} for {international(stock.number)}"
        value = await host.push_screen_wait(PickerScreen(title, partial(_narrowed, offered)))
        if value is None:
            return None
        if value:
            picked[field.key] = value
    return picked


def _narrowed(choices: list[Choice], text: str) -> list[Choice]:
    wanted = text.casefold().split()
    return [one for one in choices if all(word in one.label.casefold() for word in wanted)]


async def release(host: Host, chosen: Selection) -> None:
    """Have the last four digits typed, then give the number up; again where it was changed."""
    number = chosen.number
    assert isinstance(number, OwnedNumber)
    found: OwnedNumber | None = number
    while found is not None:
        results, then = await _release(host, found)
        found = next((one.current for one in results if one.current is not None), None)
        if then is not Then.GO_ON:
            return


async def _release(host: Host, number: OwnedNumber) -> tuple[list[Result], Then]:
    workspace = host.session.workspace
    account = workspace.account(number.account)
    plan = plan_release(account, workspace.info(account), number)
    plan = await preview_in(host).of(plan)
    consent = consent_to([plan], release=True)
    question = question_about(
        host,
        plan,
        consent,
        "Release",
        type_this=number.number[-4:],
        type_hint="type the last four digits of the number",
        dangerous=True,
        goes_on=True,
    )

    async def send(answers: Answers, on_step: OnStep) -> list[Result]:
        return [
            await host.session.writer.apply(
                plan, consent, reason=answers.reason, on_step=lambda _plan, step: on_step(0, step)
            )
        ]

    return await confirm(host, question, send)


def owned_stand_in(stock: AvailableNumber) -> OwnedNumber:
    """Return the number that a purchase would make, for the target picker."""
    return OwnedNumber(
        account=stock.account,
        provider=stock.provider,
        id="",
        number=stock.number,
        country=stock.country,
        type=stock.type,
        capabilities=stock.capabilities,
        status=None,
        name=None,
        region=stock.region,
        city=stock.city,
        monthly_cost=stock.monthly_cost,
        routing={},
        settings={},
        created_at=None,
        updated_at=None,
        seen_at=clock.now(),
    )
