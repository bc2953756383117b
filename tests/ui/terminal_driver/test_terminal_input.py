"""What the terminal sends: replies are swallowed however they come, keys and pastes are not."""

from importlib.metadata import version
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual import events, messages
from textual._ansi_sequences import ANSI_SEQUENCES_KEYS
from textual._xterm_parser import XTermParser
from textual.keys import Keys

from tui_numbers.ui.terminal.input_parser import InputParser

if TYPE_CHECKING:
    from textual.message import Message

REPLIES = {
    "DA1": "\x1b[?62;22;52c",
    "DA1 of a VT100": "\x1b[?1;2c",
    "DA2": "\x1b[>0;276;0c",
    "DA3": "\x1bP!|7E565445\x1b\\",
    "DSR": "\x1b[0n",
    "DSR of the printer": "\x1b[?13n",
    "colour scheme": "\x1b[?997;1n",
    "CPR": "\x1b[24;80R",
    "CPR at the top": "\x1b[1;2R",
    "DECXCPR": "\x1b[?24;80;1R",
    "DECRPM": "\x1b[?1016;2$y",
    "DECRPM of ANSI": "\x1b[12;2$y",
    "terminal parameters": "\x1b[2;1;1;112;112;1;0x",
    "window state": "\x1b[1t",
    "text area": "\x1b[8;24;80t",
    "pixels": "\x1b[4;600;800t",
    "size unasked": "\x1b[48;24;80;480;640t",
    "checksum": "\x1bP1!~FFFF\x1b\\",
    "locator": "\x1b[1;2;24;80;0&w",
    "sixel geometry": "\x1b[?2;0;800;600S",
    "modifyOtherKeys": "\x1b[>4;2m",
    "kitty flags": "\x1b[?25u",
    "OSC 4": "\x1b]4;1;rgb:cdcd/0000/0000\x1b\\",
    "OSC 10": "\x1b]10;rgb:ffff/ffff/ffff\a",
    "OSC 11": "\x1b]11;rgb:1e1e/1e1e/1e1e\x1b\\",
    "OSC 52": "\x1b]52;c;eXl5eQ==\a",
    "OSC 99": "\x1b]99;i=1:p=?;p=title,body\x1b\\",
    "title": "\x1b]lsend it? y\x1b\\",
    "icon": "\x1b]Lyes\x1b\\",
    "XTGETTCAP": "\x1bP1+r544E=787465726D\x1b\\",
    "XTGETTCAP refused": "\x1bP0+r544E\x1b\\",
    "DECRQSS": "\x1bP1$r0;1;38;5;2m\x1b\\",
    "DECRQSS refused": "\x1bP0$r\x1b\\",
    "XTVERSION": "\x1bP>|XTerm(390)\x1b\\",
    "kitty graphics": "\x1b_Gi=31;OK\x1b\\",
    "kitty graphics error": "\x1b_Gi=31;ENOENT:No such file\x1b\\",
    "APC": "\x1b_y yes q\x1b\\",
    "PM": "\x1b^a private message, y\x1b\\",
    "SOS": "\x1bXyes y q\x1b\\",
    "OSC of one control": "\x9d11;rgb:0000/0000/0000\x9c",
    "CSI of one control": "\x9b?62;22c",
    "CSI in eight bits": "\udc9b?62;22c",
    "DCS in eight bits": "\udc90>|foot(1.16)\udc9c",
    "mouse of the first kind": "\x1b[M !!",
    "mouse of urxvt": "\x1b[32;10;10M",
}


class Line:
    """A line that brings pieces apart in time, and a clock that nobody waits for."""

    def __init__(self, **options: object) -> None:
        self.parser = InputParser(escape_delay=0.1, **options)
        self.now = 1000.0
        self.messages: list[Message] = []

    def bring(self, *pieces: str, apart: float = 0.0) -> "Line":
        for piece in pieces:
            self.messages += self.parser.feed(piece, self.now)
            self.rest(apart)
        return self

    def rest(self, seconds: float = 60.0) -> "Line":
        until = self.now + seconds
        while self.parser.deadline is not None and self.parser.deadline <= until:
            self.now = max(self.now, self.parser.deadline)
            self.messages += self.parser.tick(self.now)
        self.now = until
        return self

    @property
    def keys(self) -> list[str]:
        return [message.key for message in self.messages if isinstance(message, events.Key)]

    @property
    def pastes(self) -> list[str]:
        return [message.text for message in self.messages if isinstance(message, events.Paste)]


def shown(reply: str) -> str:
    return reply.encode("unicode_escape", "surrogatepass").decode()


@pytest.mark.parametrize("reply", REPLIES.values(), ids=REPLIES)
def test_a_reply_becomes_no_key(reply: str) -> None:
    line = Line().bring("j", reply, "k", apart=0.01).rest()
    assert line.keys == ["j", "k"]
    assert len(line.messages) == 2


@pytest.mark.parametrize("apart", [0.05, 0.3, pytest.param(0.9, marks=pytest.mark.slow)])
def test_a_reply_that_a_slow_line_cuts_anywhere_becomes_no_key(apart: float) -> None:
    for name, reply in REPLIES.items():
        for at in range(1, len(reply)):
            line = Line().bring(reply[:at], reply[at:], apart=apart).rest().bring("k").rest()
            early = ["escape"] if at == 1 and reply[0] == "\x1b" and apart > 0.1 else []
            assert line.keys == [*early, "k"], f"{name}: {shown(reply[:at])}"


@pytest.mark.parametrize("apart", [0.05, 0.3])
@pytest.mark.parametrize("name", ["DA1", "DA2", "CPR", "OSC 11", "OSC 52", "XTVERSION"])
def test_a_reply_that_comes_character_by_character_becomes_no_key(name: str, apart: float) -> None:
    reply = REPLIES[name]
    line = Line().bring(reply[:2], *reply[2:], apart=apart).rest()
    assert line.keys == []


@pytest.mark.parametrize("name", ["DA1", "DECRPM", "OSC 11", "OSC 52", "XTGETTCAP", "kitty flags"])
def test_the_rest_of_a_reply_that_comes_seconds_later_becomes_no_key(name: str) -> None:
    reply = REPLIES[name]
    for at in range(3, len(reply)):
        line = Line().bring(reply[:at], reply[at:], apart=8.0).rest()
        assert line.keys == [], shown(reply[:at])


@pytest.mark.parametrize("apart", [0.0, 0.3])
def test_replies_one_after_the_other_become_no_keys(apart: float) -> None:
    # Those that no terminal sends today are keys where only their Escape came early.
    unlikely = ("APC", "PM", "SOS")
    together = "".join(
        reply for name, reply in REPLIES.items() if reply[0] == "\x1b" and name not in unlikely
    )
    pieces = [together[at : at + 7] for at in range(0, len(together), 7)]
    line = Line().bring(*pieces, apart=apart).rest().bring("k")
    assert set(line.keys) <= {"escape", "k"}
    assert line.keys[-1] == "k"


@pytest.mark.parametrize(
    "unfinished", ["\x1b[?62;", "\x1b]11;rgb:", "\x1bP>|", "\x1b_G", "\x1bX", "\x1b["]
)
def test_keys_are_alive_after_a_reply_whose_end_never_comes(unfinished: str) -> None:
    line = Line().bring(unfinished).rest(10.0).bring("j", "k", apart=0.2)
    assert line.keys == ["j", "k"]


@pytest.mark.parametrize("string", ["\x1b]11;rgb:1e1e", "\x1bP1$r", "\x1bX", "\x1b^a"])
def test_typing_gets_out_of_a_string_whose_end_never_comes(string: str) -> None:
    line = Line().bring(string).bring(*"j" * 60, apart=0.3)
    assert line.keys[-1] == "j"
    escaping = Line().bring(string).bring("\x1b", apart=0.3).bring("j")
    assert escaping.keys == ["j"]


def test_enter_and_control_keys_get_out_of_an_unfinished_control_sequence() -> None:
    assert Line().bring("\x1b[?6", "\r", apart=0.3).keys == ["enter"]
    assert Line().bring("\x1b[?6", "\x03", apart=0.3).keys == ["ctrl+c"]
    assert Line().bring("\x1b[?6", "\x1b[A", apart=0.3).keys == ["up"]


def test_escape_is_a_key_after_a_short_silence() -> None:
    line = Line().bring("\x1b")
    assert line.parser.deadline == line.now + 0.1
    assert line.rest(0.1).keys == ["escape"]


@pytest.mark.parametrize(
    ("pieces", "keys"),
    [
        (("\x1b[", "A"), ["up"]),
        (("\x1b[", "6~"), ["pagedown"]),
        (("\x1b[1;", "5C"), ["ctrl+right"]),
        (("\x1bO", "P"), ["f1"]),
        (("\x1b[[", "A"), ["f1"]),
        (("\x1b[97;", "5u"), ["ctrl+a"]),
    ],
)
def test_a_key_that_a_slow_line_cuts_is_that_key(pieces: tuple[str, str], keys: list[str]) -> None:
    assert Line().bring(*pieces, apart=0.3).rest().keys == keys


def test_an_escape_that_came_too_early_lets_the_rest_be_the_key_alone() -> None:
    assert Line().bring("\x1b", "[A", apart=0.3).keys == ["escape", "up"]
    assert Line().bring("\x1b", "OP", apart=0.3).keys == ["escape", "f1"]


@pytest.mark.parametrize("keys", ["jk", "X", "Pq", "_", "Oj", "y"])
def test_keys_after_escape_are_keys(keys: str) -> None:
    line = Line().bring("\x1b", *keys, apart=0.3).rest()
    characters = [message.character for message in line.messages]
    assert characters == ["\x1b", *keys]


def test_enter_that_comes_with_escape_stays_behind_it() -> None:
    assert Line().bring("\x1b\r").rest().keys == ["escape", "enter"]
    assert Line().bring("\x1b\x1b").rest().keys == ["escape", "escape"]
    assert Line().bring("\x1by").rest().keys == ["alt+y"]


LEGACY = [
    sequence
    for sequence, keys in ANSI_SEQUENCES_KEYS.items()
    if isinstance(keys, tuple)
    and Keys.Ignore not in keys
    and len(sequence) > 1
    and not sequence.endswith("R")
    and sequence != "\x1b\x1b"
]
KITTY = [
    "\x1b[97u", "\x1b[97;5u", "\x1b[97;2;65u", "\x1b[13u", "\x1b[27u", "\x1b[57442u", "\x1b[1;2A",
    "\x1b[5;3~", "\x1b[0;;228u", "\x1b[P", "\x1b[27;2;13~",
]  # fmt: skip


@pytest.mark.parametrize("sequences", [LEGACY, KITTY], ids=["legacy", "kitty"])
def test_every_key_that_textual_knows_is_that_key(sequences: list[str]) -> None:
    for sequence in sequences:
        textual = XTermParser()
        expected = list(textual.feed(sequence))
        assert expected, shown(sequence)
        line = Line().bring(sequence)
        assert [(key.key, key.character) for key in line.messages] == [
            (key.key, key.character) for key in expected
        ], shown(sequence)


@pytest.mark.parametrize(
    ("sequence", "keys"),
    [
        ("\x1b[97:65;2;65u", ["A"]),
        ("\x1b[97;1:2;97u", ["a"]),
        ("\x1b[97;1:3u", []),
        ("\x1b[1;1:3A", []),
        ("\x1b[9999999;1u", []),
        ("\x1b[55296u", []),
        pytest.param(
            "\x1b[0;;" + ":".join(["128512"] * 20) + "u",
            ["😀"] * 20,
            marks=pytest.mark.skipif(
                version("textual") == "8.2.7", reason="8.2.7 reads no text that comes with a key"
            ),
        ),
    ],
)
def test_what_the_kitty_protocol_sends_unasked_ends_nothing(sequence: str, keys: list[str]) -> None:
    line = Line().bring(sequence, "j")
    characters = [message.character for message in line.messages]
    assert characters == [*keys, "j"]


def test_mouse_focus_and_the_reports_that_were_asked_for_arrive() -> None:
    line = Line().bring("\x1b[<0;10;5M", "\x1b[<0;10;5m", "\x1b[<35;3;3M", "\x1b[I", "\x1b[O")
    kinds = [events.MouseDown, events.MouseUp, events.MouseMove, events.AppFocus, events.AppBlur]
    assert [type(message) for message in line.messages] == kinds
    line = Line().bring("\x1b[?2026;2$y", "\x1b[?2048;2$y")
    assert [type(message) for message in line.messages] == [
        messages.TerminalSupportsSynchronizedOutput,
        messages.InBandWindowResize,
    ]
    assert Line(mouse=False).bring("\x1b[<0;10;5M").messages == []


@pytest.mark.parametrize("report", ["\x1b[48;30;100;600;1000t", "\x1b[48;30:1;100:2;600:3;1000:4t"])
def test_a_size_among_the_input_arrives_where_it_was_asked_for(report: str) -> None:
    line = Line()
    line.parser.takes_sizes = True
    (resize,) = line.bring(report[:6], report[6:], apart=0.3).messages
    assert isinstance(resize, events.Resize)
    assert resize.size == (100, 30)


@pytest.mark.parametrize("size", ["0;0;0;0", "30;100;0;0", "999999;999999;1;1"])
def test_a_size_that_cannot_be_is_no_size(size: str) -> None:
    line = Line()
    line.parser.takes_sizes = True
    assert line.bring(f"\x1b[48;{size}t", "\x1b[<0;10;5M").messages[0].__class__ is events.MouseDown


@pytest.mark.parametrize("text", ["6170", "+44 20 7946 0999", "漢字 e\u0301", "a\r\nb\tc"])
def test_a_paste_arrives_as_it_is(text: str) -> None:
    whole = f"\x1b[200~{text}\x1b[201~"
    for at in range(2, len(whole)):
        line = Line().bring(whole[:at], whole[at:], apart=0.5).rest().bring("j")
        assert (line.pastes, line.keys) == ([text], ["j"]), shown(whole[:at])


@pytest.mark.parametrize("text", ["6170", "+44 20 7946 0999", "y" * 5000])
@pytest.mark.parametrize("end", ["", "\x1b", "\x1b[20", "\x1b[201"])
def test_a_paste_whose_end_never_comes_arrives_after_a_pause(text: str, end: str) -> None:
    line = Line().bring(f"\x1b[200~{text}{end}").rest(1.5)
    assert line.pastes == [text]
    line.bring("j", "k", apart=0.2)
    assert line.keys == ["j", "k"]


def test_typing_gets_out_of_a_paste_whose_end_never_comes() -> None:
    line = Line().bring("\x1b[200~6170").bring(*"j" * 30, apart=0.5)
    assert line.pastes[0].startswith("6170")
    assert line.keys[-1] == "j"


@pytest.mark.parametrize("cut", [3, 5, 8, 9, 13])
def test_the_rest_of_a_paste_that_comes_much_later_is_still_pasted(cut: int) -> None:
    whole = "\x1b[200~yes y\r\x1b[201~"
    line = Line().bring(whole[: 6 + cut], whole[6 + cut :], apart=3.0).rest()
    assert line.keys == []
    assert "".join(line.pastes) == "yes y\r"
    long = Line().bring("\x1b[200~" + "y" * 4000, "y" * 4000, "y\x1b[201~", apart=3.0)
    assert long.keys == []
    assert "".join(long.pastes) == "y" * 8001


@pytest.mark.parametrize("inside", ["\x1b[A", "\x1b[31m", "\x1b]11;x\a", "\x00", "\x9b31m", "\x1b"])
def test_a_paste_with_control_characters_types_nothing(inside: str) -> None:
    line = Line().bring(f"\x1b[200~ab{inside}cd\x1b[201~").rest()
    assert line.keys == []
    (pasted,) = line.pastes
    assert pasted.startswith("ab")
    assert pasted.endswith("cd")
    assert pasted.isprintable()


ANYTHING = st.text(
    st.sampled_from("\x1b[]P_^XO?;:0129~$uRcmMyA\x07\x9b\x9c\\\r\udc9bé"), max_size=40
)


@given(st.lists(st.tuples(ANYTHING, st.sampled_from([0.0, 0.05, 0.3, 2.0, 20.0])), max_size=8))
def test_whatever_comes_the_input_stays_alive(pieces: list[tuple[str, float]]) -> None:
    line = Line()
    line.parser.takes_sizes = True
    for piece, apart in pieces:
        line.bring(piece, apart=apart)
    line.rest()
    assert line.parser.deadline is None
    line.rest().bring("j")
    assert line.keys[-1] == "j"
