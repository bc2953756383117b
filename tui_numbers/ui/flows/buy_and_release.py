"""Buy a number, or release one: writes that cannot be undone."""

import asyncio
from functools import partial

from tui_numbers.domain import clock
from tui_numbers.domain.e164 import international
from tui_numbers.domain.numbers import AvailableNumber, OwnedNumber, Target
from tui_numbers.providers.contract import BuyTarget, ProviderInfo
from tui_numbers.providers.errors import ProviderError
from tui_numbers.services.input_parsing import InvalidInput
from tui_numbers.services.planning import Result, plan_buy, plan_release
from tui_numbers.services.preview import purchase_warnings, purse
from tui_numbers.ui.dialogs.confirm import OnStep, Then
from tui_numbers.ui.dialogs.picker import Choice, PickerScreen
from tui_numbers.ui.flows.confirmation import confirm, consent_to, preview_in, question_about
from tui_numbers.ui.flows.target_picker import pick_target
from tui_numbers.ui.frame import Tone
from tui_numbers.ui.host import Host
from tui_numbers.ui.selection import Selection
from tui_numbers.wording.plans import plan_lines, warning_lines

_NO_TARGET = Target("", "")


async def buy(host: Host, chosen: Selection) -> None:
    """Show what a number costs, ask, buy, read back."""
    stock = chosen.number
    assert isinstance(stock, AvailableNumber)
    workspace = host.session.workspace
    account = workspace.account(stock.account)
    info = workspace.info(account)
    later = [Choice(_NO_TARGET, "nowhere yet: set it later", "default")]
    first = later if info.buy_target is BuyTarget.AFTERWARDS else []
    title = f"Calls of {international(stock.number)} go to"
    asking = asyncio.create_task(purse(workspace, account))
    try:
        target = await pick_target(host, [owned_stand_in(stock)], title, first)
        if target is None:
            return
        extras = await _pick_extras(host, info, stock)
        if extras is None:
            return
        with host.saying(f"asking {account.name} for its balance; Esc stops"):
            known = await asking
    finally:
        asking.cancel()
    try:
        plan = plan_buy(
            account, info, stock, None if target == _NO_TARGET else target, host.find_owned, extras
        )
        plan = await preview_in(host).of(plan)
    except (InvalidInput, ProviderError) as error:
        host.say(str(error), Tone.BAD)
        return
    consent = consent_to([plan])
    lines = plan_lines(plan, known=known)
    lines.extend(warning_lines(purchase_warnings(info, [stock], known)))

    async def send(reason: str, on_step: OnStep) -> list[Result]:
        return await host.session.writer.buy(
            plan, consent, reason=reason, on_step=lambda _plan, step: on_step(0, step)
        )

    await confirm(host, question_about(host, plan, consent, "Buy", lines=lines), send)


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

    async def send(reason: str, on_step: OnStep) -> list[Result]:
        return [
            await host.session.writer.apply(
                plan, consent, reason=reason, on_step=lambda _plan, step: on_step(0, step)
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
