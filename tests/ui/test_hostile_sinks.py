"""Every hostile text in every sink of the dashboard, reported by text and sink.

With ``HOSTILE_THOROUGH`` in the environment every text is put into every dialog; without it, the
worst of them into each dialog, and all of them into each kind of widget and list.
"""

import os
from dataclasses import replace

from rich.cells import cell_len
from textual import events
from textual.containers import Horizontal
from textual.screen import Screen
from textual.widgets import OptionList, Static

from tests.support.dashboard import IVR, account, dashboard, small_world, stock, vonage
from tests.support.hostile_text import STRINGS, harm_in
from tests.support.hostile_widgets import NUMBERS, Report, emulated, harm_on
from tui_numbers.domain.numbers import Channel, Target
from tui_numbers.domain.operations import Action, Actor, Operation, Outcome
from tui_numbers.domain.text import clean
from tui_numbers.ui.account_form import SecretInput, SecretScreen
from tui_numbers.ui.accounts_screen import AccountsScreen, Standing
from tui_numbers.ui.detail_facts import Fact, facts_content
from tui_numbers.ui.dialogs.confirm import ConfirmScreen, Question
from tui_numbers.ui.dialogs.dialog import AskScreen, PageScreen, PlainButton
from tui_numbers.ui.dialogs.picker import Choice, PickerScreen
from tui_numbers.ui.flows.retarget_and_edit import FormScreen
from tui_numbers.ui.form_fields import ChoiceField, Toggle
from tui_numbers.ui.frame import TitleBar, Verb, VerbBar
from tui_numbers.ui.line_input import LineInput
from tui_numbers.ui.terminal.driver import osc52
from tui_numbers.ui.text import content, stacked
from tui_numbers.ui.views.available import AvailableView
from tui_numbers.ui.views.filter_line import FilterInput, FilterLine
from tui_numbers.ui.views.history import HistoryRow, HistoryView
from tui_numbers.wording.plans import Line

THOROUGH = bool(os.environ.get("HOSTILE_THOROUGH"))
TALL = (150, len(STRINGS) + 8)


def owned(number, text, **more):
    target = Target("application", "33333333-1111-4222-8333-444444444444", text)
    one = vonage(number, name=text, city=text, region=text, **more)
    return replace(one, routing={Channel.VOICE: target, Channel.SMS: target})


def rows_of(app):
    """Return the screen's strips and emulated cells by the phone number in the row."""
    strips = app.screen._compositor.render_strips()
    heading = next(strip.text for strip in strips if "Number  " in strip.text)
    start = heading.index("Number")
    found = {}
    for strip, cells in zip(strips, emulated(app), strict=True):
        number = strip.crop(start, start + 18).text.split("  ")[0]
        digits = "+" + "".join(filter(str.isdigit, number))
        if digits in NUMBERS:
            found[digits] = strip, cells
    return heading, found


def check_table(app, report, sink, titles, behind):
    """The text is seen in these columns, and the columns ``behind`` stand where they should."""
    for problem in harm_on(app):
        report.lines.append(f"{sink}: {problem}")
    heading, found = rows_of(app)
    for number in NUMBERS.keys() - found.keys():
        report.add(NUMBERS[number], sink, "has no row")
    for number, (strip, cells) in found.items():
        one = NUMBERS[number]
        for title in titles:
            at = heading.index(title)
            shows = strip.crop(at, strip.cell_length).text
            skip = "app " if title.endswith(" to") else ""
            # A mark that stands alone is borne by the blank before it where there is one.
            seen = one.shows.removeprefix("◌" if skip else "")
            expected = skip + next(
                seen[:count] for count in range(8, 0, -1) if cell_len(seen[:count]) <= 8
            )
            if not shows.startswith(expected):
                report.add(one, f"{sink}, {title}", f"shows {shows[:14]!r}")
        for title, words in behind.items():
            at = heading.index(title)
            drawn = strip.crop(at, at + len(words)).text, "".join(cells[at : at + len(words)])
            if drawn != (words, words):
                report.add(one, f"{sink}, {title}", f"not aligned: {drawn}")


async def test_owned_numbers():
    world = small_world()
    world.fakes["uk-sms"].numbers = [owned(n, one.text) for n, one in NUMBERS.items()]
    for name in ("us-desk", "au-sales"):
        world.fakes[name].numbers = []
    report = Report()
    async with dashboard(world, size=TALL) as seat:
        check_table(seat.app, report, "owned table", ("Name", "Calls go to"),
                    {"Account": "uk-sms", "Status": "active"})  # fmt: skip
    report.verdict()


async def test_stock_and_history():
    report = Report()
    async with dashboard(small_world(), size=TALL) as seat:
        await seat.press("2")
        rows = [stock(n, region=one.text, city=one.text) for n, one in NUMBERS.items()]
        seat.app.main.query_one(AvailableView).table.sync(rows)
        await seat.pilot.pause()
        check_table(seat.app, report, "stock table", ("Place",),
                    {"onthly": "R 1.25", "Account": "uk-sms"})  # fmt: skip
        await seat.press("3")
        history = seat.app.main.query_one(HistoryView)
        # Opening the view reads the journal, whose rows would take the place of these.
        await seat.until(lambda: history.parts)
        history.table.sync([HistoryRow(operation(n, one.text)) for n, one in NUMBERS.items()])
        await seat.pilot.pause()
        check_table(seat.app, report, "history table", ("Reason",),
                    {"Outcome": "verified", "Account": "uk-sms"})  # fmt: skip
    report.verdict()


def operation(number, text):
    before = owned(number, text)
    return Operation(
        id=number, batch="b", started_at=before.seen_at, finished_at=None,
        actor=Actor(text, text, text), account="uk-sms", provider="vonage",
        number=before.number, action=Action.RETARGET, reason=text,
        before=replace(before, routing={Channel.VOICE: IVR}), requested=before, observed=before,
        outcome=Outcome.VERIFIED, error=text, keys=("voice",),
    )  # fmt: skip


KINDS = ("static", "button", "value", "placeholder", "secret", "toggle", "choice")


class Bench(Screen):
    """A line for each text, with every kind of widget that the program's screens are made of."""

    CSS = """
    Bench Horizontal { height: 1; }
    Bench Horizontal > * { width: 20 !important; height: 1; margin: 0 !important; }
    Bench Horizontal > .end { width: 1 !important; }
    """

    def compose(self):
        for one in STRINGS:
            text = one.text
            widgets = (
                Static(content(text)),
                PlainButton(text, id="button", compact=True),
                LineInput(text, select_on_focus=False),
                LineInput(placeholder=text),
                SecretInput(text),
                Toggle(text),
                ChoiceField(((text, text),), text),
            )
            yield Horizontal(*widgets, Static("|", classes="end", markup=False))


async def test_every_kind_of_widget():
    report = Report()
    async with dashboard(small_world(), size=(len(KINDS) * 20 + 2, len(STRINGS) + 2)) as seat:
        seat.app.push_screen(Bench())
        # Hundreds of widgets take longer than a pause does on a busy machine.
        count = len(STRINGS)
        await seat.until(lambda: all(line.rstrip().endswith("|") for line in seat.lines[:count]))
        await seat.pilot.pause()
        report.lines += harm_on(seat.app)
        strips = seat.app.screen._compositor.render_strips()
        for one, strip, cells in zip(STRINGS, strips, emulated(seat.app), strict=False):
            for at, kind in enumerate(KINDS):
                drawn = strip.crop(at * 20, at * 20 + 20).text
                # What is typed stays as it is, but for what cannot be printed.
                shows = clean(one.text) if kind == "value" else one.shows
                if shows.strip()[:4] not in drawn:
                    report.add(one, kind, f"shows {drawn!r}")
            end = len(KINDS) * 20
            ends = strip.crop(end, end + 1).text, cells[end]
            if ends != ("|", "|"):
                report.add(one, "a line of widgets", f"not aligned: {ends}")
    report.verdict()


async def never(reason, on_step):
    raise AssertionError("nothing is sent here")


def dialogs(text):
    """Yield each kind of dialog with a text in every place that takes one."""
    line = Line(text, text, "warn")
    choices = [Choice(1, text, text), Choice(2, "behind", text, enabled=False)]
    yield "question", AskScreen(text, text, text[:300], text[:300])
    yield "page", PageScreen(text, stacked([text, text]))
    yield "picker", PickerScreen(text, lambda typed: choices, hint=text, text=text)
    yield "confirmation", ConfirmScreen(
        Question(text, [line], text[:300], badge=text[:60], type_this=text, type_hint=text,
                 notes=[line], several=True, names=[text]), never)  # fmt: skip
    yield "secret", SecretScreen(text, text)
    yield (
        "accounts",
        AccountsScreen([Standing(account("uk-sms", "vonage", base_url=text), text, sentence=text)]),
    )


NAMES = {
    "unbalanced markup",
    "action",
    "clear",
    "C1 CSI",
    "newlines",
    "right-to-left override",
    "marks without end",
    "ten thousand letters",
}
WORST = tuple(one for one in STRINGS if THOROUGH or one.name in NAMES)


async def test_dialogs():
    report = Report()
    async with dashboard(small_world()) as seat:
        for one in WORST:
            for sink, dialog in dialogs(one.text):
                seat.app.push_screen(dialog)
                await seat.pilot.pause()
                report.add(one, sink, *harm_on(seat.app))
                if one.shows[:6] not in seat.text:
                    report.add(one, sink, "is not seen")
                seat.app.pop_screen()
    report.verdict()


def lists():
    """Yield the dialogs that hold many lines, with all texts in them at once."""
    short = [one.text[:45] for one in STRINGS]
    choices = [Choice(text, text, text) for text in short]
    yield "page", PageScreen("all", stacked(short))
    yield "picker", PickerScreen("all", lambda typed: choices)
    lines = [Line(text, text) for text in short]
    yield "confirmation", ConfirmScreen(Question("all", lines, "do", forbidden=True), never)
    yield "facts", PageScreen("all", facts_content([Fact(text, text) for text in short], 60))
    named = account("uk-sms", "vonage")
    yield "accounts", AccountsScreen([Standing(named, text) for text in short])


async def test_lists():
    report = Report()
    async with dashboard(small_world(), size=(100, len(STRINGS) * 2)) as seat:
        for sink, dialog in lists():
            seat.app.push_screen(dialog)
            await seat.pilot.pause()
            report.lines += [f"{sink}: {problem}" for problem in harm_on(seat.app)]
            options = [
                option.prompt.plain
                for listed in dialog.query(OptionList)
                for option in listed.options
            ]
            report.lines += [f"{sink}: {harm_in(text)}" for text in options if harm_in(text)]
            texts = [str(static.content) for static in dialog.query(Static)]
            drawn = "\n".join([*options, *texts])
            for one in STRINGS:
                if one.shows[:6] not in drawn:
                    report.add(one, sink, "is not seen")
            seat.app.pop_screen()
    report.verdict()


async def test_lines_of_the_frame_and_the_log():
    """The status line, the log, the verbs, the title, the counts and the help page."""
    report = Report()
    async with dashboard(small_world()) as seat:
        screen = seat.app.screen
        for one in STRINGS:
            seat.app.say(one.text)
            screen.query_one(VerbBar).show([Verb(one.text[:9], one.text[:30])])
            screen.query_one(FilterLine).count(one.text[:30])
            screen.query_one(TitleBar)._scope = one.text
            screen.query_one(TitleBar).refresh()
            await seat.pilot.pause()
            report.add(one, "frame", *harm_on(seat.app))
            for at, where in ((0, "title"), (-2, "status line"), (-1, "verbs")):
                if one.shows[:4] not in seat.lines[at]:
                    report.add(one, where, f"shows {seat.lines[at]!r}")
        await seat.press("at")
        page = await seat.dialog(PageScreen)
        report.lines += harm_on(seat.app)
        for one, line in zip(STRINGS, page._text.plain.split("\n"), strict=True):
            if harm_in(line) or one.shows.lstrip("◌") not in line:
                report.add(one, "log", line[:60])
    report.verdict()


async def test_the_form_and_what_is_pasted():
    """Every setting of a number holds the text; pasting it anywhere leaves text alone."""
    report = Report()
    async with dashboard(small_world(), size=(100, 50)) as seat:
        app = seat.app
        info = app.session.workspace.info("uk-sms")
        for one in WORST[:4]:
            number = owned("+447700900001", one.text, settings={"voice_status": one.text})
            app.push_screen(FormScreen([number], info, lambda key: ()))
            await seat.pilot.pause()
            report.add(one, "form", *harm_on(app))
            app.pop_screen()
        app.main.set_focus(app.main.query_one(FilterInput))
        field = app.main.query_one(FilterInput)
        for one in WORST:
            field.value = ""
            app.post_message(events.Paste(one.text))
            await seat.until(lambda: field.value)
            report.add(one, "paste", *filter(None, [harm_in(field.value)]))
    report.verdict()


PASTED = {
    "\u202a+44 7700 900123\u202c": "+44 7700 900123",
    "\n\t+44\n": "+44",
    "a\u200bb": "a\ufffdb",
    "\x1b[31m": "[31m",
    "\n\n": "",
}
"""What is pasted, and what of it then stands in the field."""


async def test_what_wraps_a_pasted_number_is_left_out():
    async with dashboard(small_world()) as seat:
        await seat.press("slash")
        for pasted, kept in PASTED.items():
            await seat.press("ctrl+u")
            seat.app.post_message(events.Paste(pasted))
            await seat.pilot.pause()
            assert seat.app.main.query_one(FilterInput).value == kept
            for strip in seat.app.screen._compositor.render_strips():
                assert not harm_in(strip.text)


async def test_nothing_but_base64_goes_to_the_clipboard():
    for one in STRINGS:
        for environ in ({}, {"TMUX": "x"}, {"STY": "x"}):
            sequence = osc52(one.text, environ)
            bare = sequence.replace("\x1bPtmux;", "").replace("\x1b\\", "").replace("\x1bP", "")
            bare = bare.replace("\x1b\x1b", "\x1b")
            assert not harm_in(bare.replace("\x1b]52;c;", "").replace("\a", "")), one.name
