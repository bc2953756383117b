"""What a plan can only know by asking the provider: its own warnings, the balance, addresses."""

from dataclasses import dataclass, replace

from tui_numbers.domain.accounts import Account
from tui_numbers.domain.money import Money
from tui_numbers.domain.numbers import Address, AvailableNumber
from tui_numbers.domain.operations import Action
from tui_numbers.providers.contract import ProviderInfo
from tui_numbers.providers.errors import ProviderError
from tui_numbers.services import protection
from tui_numbers.services.planning import Plan
from tui_numbers.services.workspace import Workspace


async def with_provider_warnings(workspace: Workspace, plan: Plan) -> Plan:
    """Return the plan with what a lock and the provider warn of; asks nobody.

    Raises:
        ProviderError: The account cannot be used.
    """
    if plan.seen is None or not plan.change or plan.action is Action.RELEASE:
        return plan
    client = await workspace.client(plan.account)
    locked = protection.lock_warnings(workspace, plan)
    warnings = (*locked, *plan.warnings, *client.warnings(plan.seen, plan.change))
    return replace(plan, warnings=tuple(dict.fromkeys(warnings)))


@dataclass(frozen=True, slots=True)
class Purse:
    """What is known, before a purchase, of the account that will pay; None where it is not."""

    balance: Money | None = None
    addresses: tuple[Address, ...] | None = None


async def purse(workspace: Workspace, account: Account) -> Purse:
    """Ask an account for its balance and addresses; what fails stays unknown."""
    balance: Money | None = None
    addresses: tuple[Address, ...] | None = None
    try:
        client = await workspace.client(account)
        balance = (await client.check()).balance
        addresses = await client.addresses()
    except ProviderError:
        pass
    return Purse(balance, addresses)


def purchase_warnings(info: ProviderInfo, stock: AvailableNumber, known: Purse) -> tuple[str, ...]:
    """Warn of a balance that does not cover the price, and of a missing address."""
    lines = []
    price = stock.monthly_cost
    balance = known.balance
    if (
        price is not None
        and balance is not None
        and price.currency == balance.currency
        and balance.amount < price.amount
    ):
        lines.append(f"the balance is {balance}, less than one month ({price})")
    needs_address = stock.address_requirement not in (None, "none")
    if needs_address and known.addresses == ():
        lines.append(f"no address is registered at {info.title}: it may refuse")
    return tuple(lines)
