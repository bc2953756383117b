"""``accounts``: what is configured, whether it works, and editing it."""

from typing import TYPE_CHECKING, Any

import click

from tui_numbers.cli.completing import account_words, field_words, provider_words
from tui_numbers.cli.flags import Flags, WithGlobals, command, format_option

if TYPE_CHECKING:
    from tui_numbers.cli.running import Job


class _AccountsGroup(WithGlobals, click.Group):
    """The group of account commands."""


@click.group("accounts", cls=_AccountsGroup, examples=("accounts list", "accounts check"))
def accounts() -> None:
    """List, check, add and edit accounts."""


@command(
    "list",
    help="Configured accounts, and where the secret of each would come from.",
    brief="Configured accounts, and where each secret comes from.",
    examples=("accounts list", "accounts list --format json"),
)
@format_option()
@click.pass_obj
def list_accounts(flags: Flags, form: str | None) -> int:
    """List accounts."""
    from tui_numbers.cli.account_reports import write_list
    from tui_numbers.cli.running import run

    async def work(job: "Job") -> int:
        return await write_list(job, form)

    return run(flags, work, need_accounts=False)


@command(
    "check",
    help="Ask each account whether its credentials work.",
    examples=("accounts check", "accounts check uk-sms"),
)
@click.argument("names", metavar="[NAME…]", nargs=-1, shell_complete=account_words)
@format_option()
@click.pass_obj
def check(flags: Flags, names: tuple[str, ...], form: str | None) -> int:
    """Check accounts."""
    from dataclasses import replace

    from tui_numbers.cli.account_reports import write_check
    from tui_numbers.cli.running import run

    async def work(job: "Job") -> int:
        return await write_check(job, form)

    return run(replace(flags, accounts=(*flags.accounts, *names)), work)


@command(
    "add",
    help="Add an account. The secret is asked for without showing it, or read from standard "
    "input; it is checked before anything is saved.",
    examples=("accounts add uk-sms --provider vonage api_key=a1b2c3d4",),
    on_demo=False,
)
@click.argument("name")
@click.argument("fields", metavar="FIELD=VALUE…", nargs=-1, shell_complete=field_words)
@click.option(
    "--provider",
    required=True,
    metavar="P",
    help="parakeet, fonedynamics, vonage.",
    shell_complete=provider_words,
)
@click.option("--no-check", is_flag=True, help="Save it without asking the provider.")
@click.pass_obj
def add(flags: Flags, /, **given: Any) -> int:
    """Add an account."""
    from tui_numbers.cli.account_editing import add_account

    _refuse_demo(flags)
    return add_account(flags, **given)


@command(
    "remove",
    help="Remove an account from the configuration and the keyring; its numbers stay as they are.",
    brief="Remove an account from the configuration and the keyring.",
    examples=("accounts remove uk-sms --yes",),
    on_demo=False,
)
@click.argument("name", shell_complete=account_words)
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.pass_obj
def remove(flags: Flags, name: str, yes: bool) -> int:
    """Remove an account."""
    from tui_numbers.cli.account_moving import remove_account

    _refuse_demo(flags)
    return remove_account(name, yes=yes)


@command(
    "rename",
    help="Give an account, and its secret in the keyring, another name.",
    examples=("accounts rename uk-sms uk-night",),
    on_demo=False,
)
@click.argument("name", shell_complete=account_words)
@click.argument("new")
@click.pass_obj
def rename(flags: Flags, name: str, new: str) -> int:
    """Rename an account."""
    from tui_numbers.cli.account_moving import rename_account

    _refuse_demo(flags)
    return rename_account(name, new)


@command(
    "set-secret",
    help="Check a secret, and keep it in the keyring; where there is none, say what to do.",
    brief="Check a secret, and keep it in the keyring.",
    examples=("accounts set-secret uk-sms",),
    on_demo=False,
)
@click.argument("name", shell_complete=account_words)
@click.pass_obj
def set_secret(flags: Flags, name: str) -> int:
    """Set a secret."""
    from tui_numbers.cli.account_editing import set_secret as carry_out

    _refuse_demo(flags)
    return carry_out(flags, name)


def _refuse_demo(flags: Flags) -> None:
    if flags.demo:
        raise click.UsageError("the demo's accounts cannot be edited; leave --demo out")


for _one in (list_accounts, check, add, remove, rename, set_secret):
    accounts.add_command(_one)
