import pytest

from tests.support.fake_provider import instant
from tui_numbers.domain.accounts import Secret
from tui_numbers.providers.pacing import Timing
from tui_numbers.services.config import ConfigError
from tui_numbers.services.input_parsing import InvalidInput
from tui_numbers.services.paths import Paths
from tui_numbers.services.session import begin_session, open_session

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
        "us-hotline",
        "eu-care",
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

    session = open_session()
    session.workspace.secrets.ask = ask
    await session.find_secrets()
    assert asked == ["two"]
    account = session.workspace.account("two")
    assert await session.workspace.secrets.expected(account) == "typed for this session"
    await session.aclose()


async def test_what_was_typed_is_known_to_the_next_session_and_goes_to_no_other_address():
    _configure()
    path = Paths.of_user().config_file
    session = open_session()
    two = session.workspace.account("two")
    session.workspace.secrets.hold(two, Secret("typed"))
    path.write_text(CONFIG + '\n[accounts.three]\nprovider = "vonage"\napi_key = "a1b2c3d6"\n')
    following = session.follow()
    assert [account.name for account in following.accounts] == ["two", "one", "three"]
    assert following.workspace.secrets.typed(two) == Secret("typed")
    moved = 'api_key = "a1b2c3d4"\nbase_url = "https://elsewhere.example"'
    path.write_text(CONFIG.replace('api_key = "a1b2c3d4"', moved))
    last = following.follow()
    assert last.workspace.account("two").base_url == "https://elsewhere.example"
    assert last.workspace.secrets.typed(two) is None
    moved = 'api_key = "a1b2c3d4"\napplications_url = "https://elsewhere.example"'
    path.write_text(CONFIG.replace('api_key = "a1b2c3d4"', moved))
    other = following.follow()
    assert other.workspace.account("two").fields["applications_url"] == "https://elsewhere.example"
    assert other.workspace.secrets.typed(two) is None
    for one in (session, following, last, other):
        await one.aclose()


async def test_a_session_of_chosen_accounts_stays_one_and_takes_a_new_one_in():
    _configure()
    session = open_session(accounts=("one",), read_only=True)
    text = Paths.of_user().config_file.read_text()
    added = '\n[accounts.three]\nprovider = "vonage"\napi_key = "a1b2c3d6"\n'
    Paths.of_user().config_file.write_text(text + added)
    following = session.follow(also="three")
    assert [account.name for account in following.accounts] == ["one", "three"]
    assert following.read_only
    await session.aclose()
    await following.aclose()


async def test_without_its_last_chosen_account_a_session_opens_no_other_one():
    _configure()
    session = open_session(accounts=("one",))
    Paths.of_user().config_file.write_text(CONFIG.partition("[accounts.one]")[0])
    following = session.follow()
    assert following.accounts == ()
    for one in (session, following):
        await one.aclose()


async def test_what_a_glance_shows_is_what_is_opened_or_nothing_is():
    _configure()
    path = Paths.of_user().config_file
    session = begin_session(read_only=True)
    assert [account.name for account in session.accounts] == ["two", "one"]
    assert session.workspace.accounts == session.accounts
    assert session.workspace.read_only
    await session.aclose()
    changed = begin_session()
    path.write_text(CONFIG.replace("a1b2c3d4", "ffffffff"))
    with pytest.raises(ConfigError, match="changed during the start: start again"):
        changed.open()
    path.write_text(CONFIG.replace("vonage", "vonge"))
    with pytest.raises(ConfigError, match="did you mean 'vonage'"):
        changed.open()
    with pytest.raises(ConfigError, match="did you mean 'vonage'"):
        begin_session().open()
    path.write_text(CONFIG)
    assert changed.open().config.accounts == changed.accounts
    await changed.aclose()
