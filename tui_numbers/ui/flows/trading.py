"""Buy and release: what has no undo."""

import asyncio

from tui_numbers.domain import clock
from tui_numbers.domain.e164 import international
from tui_numbers.domain.numbers import AvailableNumber, OwnedNumber, Target
from tui_numbers.providers.contract import BuyTarget
from tui_numbers.providers.errors import ProviderError
from tui_numbers.services.input_parsing import InvalidInput
from tui_numbers.services.planning import Result, plan_buy, plan_release
from tui_numbers.services.preview import purchase_warnings, purse
from tui_numbers.ui.dialogs.confirm import OnStep, Question, Then
from tui_numbers.ui.dialogs.picker import Choice
from tui_numbers.ui.flows.confirming import Asking
from tui_numbers.ui.frame import Tone
from tui_numbers.wording.plans import plan_lines, subject, warning_lines

_NO_TARGET = Target("", "")


class Trading(Asking):
    """Flows that spend money or give a number up."""

    async def buy(self, stock: AvailableNumber) -> None:
        """Show what it costs, ask, buy, read back."""
        account = self._workspace.account(stock.account)
        info = self._workspace.info(account)
        later = [Choice(_NO_TARGET, "nowhere yet: set it later", "default")]
        first = later if info.buy_target is BuyTarget.AFTERWARDS else []
        title = f"Calls of {international(stock.number)} go to"
        asking = asyncio.create_task(purse(self._workspace, account))
        try:
            target = await self.pick_target([owned_stand_in(stock)], title, first)
            if target is None:
                return
            with self._app.saying(f"asking {account.name} for its balance; Esc stops"):
                known = await asking
        finally:
            asking.cancel()
        try:
            plan = plan_buy(
                account, info, stock, None if target == _NO_TARGET else target, self._app.find_owned
            )
            plan = await self.preview().of(plan)
        except (InvalidInput, ProviderError) as error:
            self._app.say(str(error), Tone.BAD)
            return
        lines = plan_lines(plan, known=known)
        lines.extend(warning_lines(purchase_warnings(info, stock, known)))
        consent = self.consent([plan])
        lines.extend(self.refusal_lines([plan], consent))
        question = Question(
            title=f"Buy {subject(plan)}",
            lines=lines,
            verb="Buy",
            badge="PRODUCTION" if account.production else "",
            forbidden=self.refusals([plan], consent)[0] is not None,
            dangerous=account.production,
            reason_required=account.require_reason,
            second=self.second([plan]),
        )

        async def send(reason: str, on_step: OnStep) -> list[Result]:
            return await self._changes.buy(
                plan, consent, reason=reason, on_step=lambda _plan, step: on_step(0, step)
            )

        await self.ask(question, send)

    async def release(self, number: OwnedNumber) -> None:
        """Have the last four digits typed, then give the number up."""
        found: OwnedNumber | None = number
        while found is not None:
            results, then = await self._release(found)
            found = next((one.current for one in results if one.current is not None), None)
            if then is not Then.GO_ON:
                return

    async def _release(self, number: OwnedNumber) -> tuple[list[Result], Then]:
        account = self._workspace.account(number.account)
        info = self._workspace.info(account)
        plan = await self.preview().of(plan_release(account, info, number))
        consent = self.consent([plan], release=True)
        question = Question(
            title=f"Release {subject(plan)}",
            lines=[*plan_lines(plan), *self.refusal_lines([plan], consent)],
            verb="Release",
            badge="PRODUCTION" if account.production else "",
            forbidden=self.refusals([plan], consent)[0] is not None,
            type_this=number.number[-4:],
            type_hint="type the last four digits of the number",
            dangerous=True,
            reason_required=account.require_reason,
            goes_on=True,
            second=self.second([plan]),
        )

        async def send(reason: str, on_step: OnStep) -> list[Result]:
            return [
                await self._changes.apply(
                    plan, consent, reason=reason, on_step=lambda _plan, step: on_step(0, step)
                )
            ]

        return await self.ask(question, send)


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
