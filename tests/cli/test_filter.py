"""--filter and --view: one language for every command that lists owned numbers."""

import pytest

from tests.support.command_line import UK, US, run


def numbers(ran):
    assert ran.code == 0, ran.err
    return {row["number"] for row in ran.json}


def test_fields_are_the_same_as_the_options_for_them(demo):
    for text, options in (
        ("country:GB", ("--country", "GB")),
        ("type:mobile", ("--type", "mobile")),
        ("status:pending,porting", ("--status", "pending,porting")),
        ("features:voice features:sms", ("--features", "voice,sms")),
        ("is:unrouted", ("--unrouted",)),
        ("account:uk-sms", ("--account", "uk-sms")),
    ):
        assert numbers(demo("list", "--filter", text)) == numbers(demo("list", *options)), text


@pytest.mark.parametrize("command", ["list", "check", "summary"])
@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("acount:uk", "--filter: no field 'acount': did you mean 'account'?"),
        ("re:(a+)+", "--filter: re: may take too long"),
        ("is:funny", "--filter: no is:funny"),
    ],
)
def test_a_filter_that_cannot_be_read_is_refused_before_anything_is_asked(
    faulty, command, text, says
):
    ran = faulty("*:*:unauthorized", command, "--filter", text)
    assert ran.code == 2
    assert says in ran.err
    assert not ran.out


def test_what_no_provider_tells_passes_neither_way_and_is_counted(demo):
    every = numbers(demo("list"))
    with_type = demo("list", "--filter", "type:mobile")
    without = demo("list", "--filter", "-type:mobile")
    untold = [row for row in demo("list").json if row["type"] is None]
    assert untold
    assert numbers(with_type) | numbers(without) == every - {row["number"] for row in untold}
    for account in {row["account"] for row in untold}:
        count = sum(row["account"] == account for row in untold)
        assert f"{account}: {count} left out, since it does not tell the type" in without.err


def test_both_filter_and_view_must_hold(served):
    served.configure('[views.night]\nfilter = "account:uk-sms"\nsort = "-number"\n')
    every = [row["number"] for row in served.run("list", "--view", "night").json]
    assert UK in every
    assert US not in every
    assert every == sorted(every, reverse=True)
    assert numbers(served.run("list", "--view", "night", "--filter", "906170")) == {UK}
    assert served.run("check", "--view", "night").json == [
        row for row in served.run("check").json if row["account"] == "uk-sms"
    ]
    (group,) = served.run("summary", "--view", "night").json
    assert (group["key"], group["numbers"]) == ("uk-sms", len(every))


@pytest.mark.parametrize(
    ("extra", "name", "says"),
    [
        ('[views.night]\nfilter = "6170"\n', "nihgt", "no view 'nihgt'; did you mean 'night'?"),
        ("", "night", "no view 'night'; none is saved: [views.NAME], or :save NAME"),
        ('[views.x]\nfilter = "acount:uk"\n', "x", "--view x: no field 'acount'"),
        ('[views.x]\nsort = "-nobody"\n', "x", "--view x: no column 'nobody'"),
    ],
)
def test_a_view_that_cannot_be_used_is_refused(served, extra, name, says):
    served.configure(extra)
    ran = served.run("list", "--view", name)
    assert ran.code == 2
    assert says in ran.err


def test_a_shell_completes_the_last_part_of_a_filter():
    from click.shell_completion import ShellComplete

    from tui_numbers.cli.app import cli

    def offered(text):
        shell = ShellComplete(cli, {}, "tui-numbers", "_X")
        return [one.value for one in shell.get_completions(["--demo", "list", "--filter"], text)]

    assert offered("acc") == ["account:"]
    assert offered("type:mobile account:uk") == ["type:mobile account:uk-sms"]
    assert offered("6170 -is:port") == ["6170 -is:porting"]


def test_the_page_on_filters_names_every_field(demo):
    from tui_numbers.domain.filter_terms import HISTORY, OWNED

    page = run("help", "filter").out
    for name in (*OWNED.fields, *HISTORY.fields, *OWNED.flags):
        assert name in page
