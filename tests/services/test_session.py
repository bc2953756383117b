import pytest

from services.fakes import instant
from tui_numbers.domain.secret import Secret
from tui_numbers.providers.pacing import Timing
from tui_numbers.services.config import ConfigError
from tui_numbers.services.paths import Paths
from tui_numbers.services.session import open_session
from tui_numbers.services.values import InvalidInput

CONFIG = """\
[accounts.two]
provider = "vonage"
api_key = "a1b2c3d4"

[accounts.one]
provider = "vonage"
api_key = "a1b2c3d5"
secret_command = ["false"]
"""


def _configure(text=CONFIG):
    path = Paths.of_user().config_file
    path.parent.mkdir(parents=True)
    path.write_text(text)


async def test_the_demo_touches_no_file():
    session = open_session(demo=True, numbers=30, timing=Timing(sleep=instant))
    assert [account.name for account in session.workspace.accounts] == [
        "us-desk",
        "uk-sms",
        "au-sales",
    ]
    assert session.journal.where == "in memory"
    assert session.workspace.demo
    await session.aclose()
    assert not Paths.of_user().state.exists()
    assert not Paths.of_user().config.exists()


async def test_chosen_accounts_stand_in_the_order_of_the_configuration():
    _configure()
    session = open_session(accounts=("one", "two"), read_only=True)
    assert [account.name for account in session.workspace.accounts] == ["two", "one"]
    assert session.workspace.read_only
    await session.aclose()
    assert not Paths.of_user().state.exists()


async def test_an_unknown_account_names_the_nearest():
    _configure()
    with pytest.raises(InvalidInput, match="no account 'tow'; did you mean 'two'"):
        open_session(accounts=("tow",))


async def test_problems_are_carried_and_the_rest_is_in_use():
    _configure(CONFIG + "\n[accounts.bad]\nprovider = 'x'\n")
    session = open_session()
    assert len(session.config.problems) == 1
    assert len(session.workspace.accounts) == 2
    await session.aclose()


async def test_a_fault_that_cannot_be_read_is_said(monkeypatch):
    monkeypatch.setenv("TUI_NUMBERS_SANDBOX_FAULTS", "nonsense")
    with pytest.raises(ConfigError, match="TUI_NUMBERS_SANDBOX_FAULTS is set"):
        open_session(demo=True, numbers=30)


async def test_a_person_is_asked_once_and_only_for_what_is_nowhere():
    _configure()
    asked = []

    async def ask(account):
        asked.append(account.name)
        return Secret("typed")

    session = open_session(ask=ask)
    await session.find_secrets()
    assert asked == ["two"]
    account = session.workspace.account("two")
    assert await session.workspace.secrets.expected(account) == "typed for this session"
    await session.aclose()
