import os
from dataclasses import fields, replace
from pathlib import Path

import pytest

from tests.support.fake_provider import INFO
from tui_numbers.domain.accounts import Account
from tui_numbers.services import config_keys
from tui_numbers.services.config import (
    Config,
    ConfigError,
    UiConfig,
    ViewConfig,
    field_problem,
    load_config,
    nearest,
    with_remembered,
)

INFOS = {"fake": INFO}
GOOD = """\
# kept
[accounts.desk]
provider = "fake"
user = "abc"
base_url = "http://127.0.0.1:8470/fake/"
secret_command = ["pass", "show", "desk"]
session_cache = "8h"
read_only = true

[accounts.sms]
provider = "fake"
user = "def"
mode = "two"
production = true
require_reason = true

[locks]
numbers = ["+44 20 7946 0000"]

[keymap]
"number.retarget" = "t"
"""


def _load(tmp_path, text):
    path = tmp_path / "config.toml"
    path.write_text(text, encoding="utf-8")
    return load_config(path, INFOS)


def test_no_file_is_an_empty_configuration_and_is_not_made(tmp_path):
    path = tmp_path / "none" / "config.toml"
    config = load_config(path, INFOS)
    assert (config.accounts, config.problems, config.path) == ((), (), path)
    assert not path.parent.exists()


def test_everything_that_the_design_names_is_read_in_order(tmp_path):
    config = _load(tmp_path, GOOD)
    assert config.problems == ()
    desk, sms = config.accounts
    assert desk == Account(
        "desk",
        "fake",
        {"user": "abc"},
        base_url="http://127.0.0.1:8470/fake",
        secret_command=("pass", "show", "desk"),
        session_cache_seconds=8 * 3600,
        read_only=True,
    )
    assert (sms.production, sms.require_reason, sms.fields) == (
        True,
        True,
        {"user": "def", "mode": "two"},
    )
    assert config.locks == {"+442079460000"}
    assert config.keymap == {"number.retarget": "t"}


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ('[acounts.x]\nprovider = "fake"', 1, "did you mean 'accounts'"),
        ("accounts = 3", 1, "must be a table"),
        ("[accounts]\ndesk = 3", 2, "must be a table"),
        ("[accounts.desk]\nuser = 'abc'", 1, "add provider"),
        ("[accounts.desk]\nprovider = 'fke'\nuser = 'abc'", 2, "did you mean 'fake'"),
        ("[accounts.desk]\nprovider = 'fake'", 1, 'needs user = "…"'),
        ("[accounts.desk]\nprovider = 'fake'\nuser = 'A1'", 3, "looks like abc"),
        ("[accounts.desk]\nprovider = 'fake'\nuser = 'abc'\nusr = 'x'", 4, "did you mean 'user'"),
        ("[accounts.desk]\nprovider = 'fake'\nuser = 'abc'\npin = 'x'", 4, "is the secret"),
        ("[accounts.desk]\nprovider = 'fake'\nuser = 'abc'\nmode = 'x'", 4, "one of one, two"),
        ("[accounts.Desk]\nprovider = 'fake'\nuser = 'abc'", 1, "lower-case letters"),
        ("[accounts.desk]\nprovider='fake'\nuser='abc'\nread_only='yes'", 4, "true or false"),
        ("[accounts.desk]\nprovider='fake'\nuser='abc'\nsession_cache='9d'", 4, "up to 7d"),
        (
            "[accounts.desk]\nprovider='fake'\nuser='abc'\nsecret_command='pass'",
            4,
            "must be a list",
        ),
        ("[accounts.desk]\nprovider='fake'\nuser='abc'\nbase_url='http://far.example'", 4, "https"),
        ("[locks]\nnumbers = ['12']", 2, "not a complete phone number"),
        ("[locks]\nnumbers = '12'", 2, "must be a list"),
        ("[locks]\nnumber = []", 2, "did you mean 'numbers'"),
        ("[keymap]\n'number.retarget' = 3", 2, "must be a key's name"),
        ("[ui]\ntheme = 'numbers-drak'", 2, "theme is one of numbers-dark, numbers-light"),
        ("[ui]\nthem = 'numbers-dark'", 2, "did you mean 'theme'"),
        ("[ui]\nmouse = 'no'", 2, "mouse must be true or false"),
        ("[ui]\n\nrefresh = '5s'", 3, "at least 30s"),
        ("[ui]\nrefresh = 300", 2, "at least 30s"),
        ("[ui]\ncolumns = 'number'", 2, "columns must be a list"),
        ("[ui]\nhistory_columns = [1]", 2, "history_columns must be a list"),
        ("[ui]\nname = ''", 2, "name must be a text"),
        ("[views]\noncall = 'x'", 2, "must be a table"),
        ("[views.oncall]\nfilters = 'x'", 2, "did you mean 'filter'"),
        ("[views.oncall]\nfilter = 3", 2, "filter must be a text"),
        ("[views.'On call']\nfilter = 'x'", 1, "lower-case letters"),
        ("[people]\n'Dana' = '6170'", 2, "'Dana': "),
        ("routes = 3", 1, "must be a text"),
        ("journal = 'sqlite:///x'", 1, "URL of PostgreSQL"),
    ],
)
def test_a_problem_names_its_line_and_the_fix(tmp_path, text, line, said):
    config = _load(tmp_path, text)
    (problem,) = config.problems
    assert problem.startswith(f"{tmp_path / 'config.toml'}, line {line}: ")
    assert said in problem
    assert config.accounts == ()


def test_a_broken_account_leaves_the_others_in_use(tmp_path):
    config = _load(tmp_path, GOOD + "\n[accounts.bad]\nprovider = 'nobody'\n")
    assert [account.name for account in config.accounts] == ["desk", "sms"]
    assert len(config.problems) == 1


def test_broken_toml_names_the_line(tmp_path):
    with pytest.raises(ConfigError, match=r"not valid TOML: .*line 1"):
        _load(tmp_path, "[accounts\n")


def test_what_cannot_be_read_is_said(tmp_path):
    path = tmp_path / "config.toml"
    path.write_bytes(b"\xff\xfe")
    with pytest.raises(ConfigError, match="not UTF-8"):
        load_config(path, INFOS)
    with pytest.raises(ConfigError, match="cannot be read"):
        load_config(tmp_path, INFOS)


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="root reads every file")
def test_a_file_without_permission_is_said(tmp_path):
    path = tmp_path / "config.toml"
    path.write_text("")
    path.chmod(0)
    with pytest.raises(ConfigError, match="Permission denied"):
        load_config(path, INFOS)


def test_nearest_word_or_all_that_is_known():
    assert nearest("verfied", ["verified", "failed"]) == "did you mean 'verified'?"
    assert nearest("xyz", ["b", "a"]) == "known are a, b"


def test_a_field_is_checked_by_its_declaration():
    assert field_problem(INFO, "user", "abc") is None
    assert "looks like abc" in field_problem(INFO, "user", "1")
    assert "one of one, two" in field_problem(INFO, "mode", "three")


def test_the_snapshot_is_on_unless_it_is_switched_off(tmp_path):
    assert _load(tmp_path, GOOD).snapshot
    config = _load(tmp_path, "snapshot = false\n" + GOOD)
    assert (config.snapshot, config.problems) == (False, ())


def test_a_snapshot_that_is_neither_is_a_problem_with_its_line(tmp_path):
    (problem,) = _load(tmp_path, '# first\nsnapshot = "no"\n' + GOOD).problems
    assert "line 2" in problem
    assert "true or false" in problem


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ('"+44 07700 900010"', "+447700900010"),
        ('"+44 (0)7700 900010"', "+447700900010"),
        ('"0044 7700 900010"', "+447700900010"),
        ('"tel:+44-7700-900010"', "+447700900010"),
        ('"\u202a+44\u00a07700\u00a0900010\u202c"', "+447700900010"),
        ('"+33 01 99 00 12 34"', "+33199001234"),
        ("447400906170", "+447400906170"),
        ('"96167"', "96167"),
    ],
)
def test_a_lock_is_read_as_every_number_is(tmp_path, written, number):
    config = _load(tmp_path, f"[locks]\nnumbers = [{written}]")
    assert (config.locks, config.problems) == ({number}, ())


@pytest.mark.parametrize(
    "written",
    [
        '"6170"',
        '"020 7946 0000"',
        '"Front desk"',
        "true",
        "44.5",
        "4930901820.0",
        '"+4930123 +4930124"',
        "[]",
        '""',
    ],
)
def test_a_lock_that_is_no_number_is_a_problem(tmp_path, written):
    config = _load(tmp_path, f"[locks]\nnumbers = [{written}]")
    (problem,) = config.problems
    assert "line 2: " in problem
    assert config.locks == frozenset()


MINE = """\
routes = "on-call/routes"
journal = "postgresql://numbers@db.example:5433/numbers?sslmode=require"

[ui]
theme = "numbers-light"
mouse = false
columns = ["number", "target", "number", "account"]
sort = "-changed"
history_columns = ["when", "change"]
history_sort = "number"
refresh = "5m"
name = "Anna"
detail = false

[views.oncall]
filter = 'account:us-desk to:"After hours" -is:porting'
sort = "-changed"

[people]
"Dana (primary)" = "+44 7700 900556"
"""


def test_what_a_person_prefers_is_read(tmp_path):
    config = _load(tmp_path, MINE)
    assert config.problems == ()
    assert config.ui == UiConfig(
        theme="numbers-light",
        mouse=False,
        refresh_seconds=300,
        name="Anna",
        detail=False,
        columns=("number", "target", "account"),
        sort="-changed",
        others={"history_columns": ("when", "change"), "history_sort": "number"},
    )
    assert (config.ui.sort_of("owned"), config.ui.sort_of("history")) == ("-changed", "number")
    assert config.ui.columns_of("owned") == ("number", "target", "account")
    assert config.ui.columns_of("history") == ("when", "change")
    assert config.ui.columns_of("available") == ()
    assert config.views == {
        "oncall": ViewConfig('account:us-desk to:"After hours" -is:porting', "-changed")
    }
    assert config.people == {"Dana (primary)": "+447700900556"}
    assert config.routes == tmp_path / "on-call" / "routes"
    assert config.journal == "postgresql://numbers@db.example:5433/numbers?sslmode=require"


def test_routes_may_be_in_the_home_directory_or_anywhere(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", "/home/anna")
    assert _load(tmp_path, 'routes = "~/routes"').routes == Path("/home/anna/routes")
    assert _load(tmp_path, 'routes = "/srv/routes"').routes == Path("/srv/routes")
    assert _load(tmp_path, "").routes is None


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://numbers:hunter2@db.example/numbers",
        "postgres://numbers:hunter2@db.example",
        "postgresql://db.example/numbers?password=hunter2",
        "postgresql://db.example?user=a&PASSWORD=hunter2",
        "postgresql://numbers:hunter2@one.example,two.example/numbers",
        "postgresql://numbers:hunt/er2@db.example/numbers",
    ],
)
def test_a_password_in_the_address_of_the_journal_is_refused_and_not_repeated(tmp_path, url):
    config = _load(tmp_path, f'journal = "{url}"')
    (problem,) = config.problems
    assert "holds a password" in problem
    assert "PGPASSFILE" in problem
    assert "hunt" not in problem
    assert config.journal is None


def test_without_providers_people_stay_unread_as_locks_do(tmp_path):
    path = tmp_path / "config.toml"
    path.write_text(MINE, encoding="utf-8")
    config = load_config(path, None)
    assert (config.people, config.ui.theme, config.problems) == ({}, "numbers-light", ())


def test_what_is_remembered_is_in_use_at_once_and_what_is_taken_out_is_as_usual(tmp_path):
    config = _load(tmp_path, MINE)
    ui = {"columns": ("name",), "history_columns": None, "theme": None, "detail": True}
    changed = with_remembered(config, "ui", ui)
    assert changed.ui == replace(
        config.ui, columns=("name",), others={"history_sort": "number"}, theme=None, detail=True
    )
    saved = with_remembered(changed, "views.night", {"filter": "is:porting", "sort": None})
    assert saved.views["night"] == ViewConfig("is:porting")
    assert saved.views["oncall"] == config.views["oncall"]


def test_every_key_of_the_table_fills_an_attribute_that_there_is():
    for keys, kind in (
        (config_keys.ACCOUNT, Account),
        (config_keys.TOP_LEVEL, Config),
        ([one for one in config_keys.UI if one.fills], UiConfig),
        (config_keys.VIEW, ViewConfig),
    ):
        filled = {one.fills for one in keys if one.key != "provider"}
        assert filled <= {field.name for field in fields(kind)}
