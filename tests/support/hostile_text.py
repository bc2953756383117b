"""Text that means harm, and what a person should see in its place.

``SHOWS`` gives, where it is not the text itself, the beginning of what stands on a screen.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Hostile:
    """One text, a name to report it by, and the beginning of what it looks like."""

    name: str
    text: str
    shows: str


def _markup() -> dict[str, str | tuple[str, str]]:
    return {
        "colour markup": "[red]x[/]",
        "unbalanced markup": "[/][b]x",
        "bracket that never ends": "[red",
        "action": "[@click=app.quit]go[/]",
        "action with quotes": "[@click='app.bell()']\"",
        "link markup": "[link=javascript:x]y[/link]",
        "rich style": "[bold magenta on white]z[/bold magenta on white]",
        "rich emoji": ":skull: [blink]",
        "markup variables": "$text-error [$error]e[/]",
        "swallowed brackets": "[1] [SMS] \\[x]",
        "emphasis": "**b** _i_ ~~s~~ `c`",
        "table": "a|b||c",
        "angle": "<script>alert(1)</script>",
        "image": "![i](https://evil.example)",
        "markdown link": "[x](javascript:alert(1))",
        "heading": "# h",
        "quotation": "> q",
        "entity": "&lt;b&gt;",
        "bare link": "https://evil.example www.evil.example @all",
        "json": '"},{"a": null}]',
        "toml": '"]]\n[x]',
        "shell": "$(reboot) `id`; %s %n {0} {x!r}",
        "sql": "'; DROP TABLE operation; --",
    } | {"toml": ('"]]\n[x]', '"]]␊[x]')}


def _controls() -> dict[str, tuple[str, str]]:
    return {
        "colour": ("\x1b[31mred\x1b[0m", "␛[31mred␛[0"),
        "clear": ("\x1b[2J\x1b[Hgone", "␛[2J␛[Hgon"),
        "reset": ("\x1bcreset", "␛creset"),
        "window title": ("\x1b]0;owned\x07", "␛]0;owned␇"),
        "hyperlink": ("\x1b]8;;http://evil\x1b\\x\x1b]8;;\x1b\\", "␛]8;;http:"),
        "clipboard": ("\x1b]52;c;ZXZpbA==\x07", "␛]52;c;ZXZ"),
        "device string": ("\x1bP+q544e\x1b\\", "␛P+q544e␛"),
        "application command": ("\x1b_Gf=100;AA\x1b\\", "␛_Gf=100;A"),
        "privacy message": ("\x1b^pm\x1b\\", "␛^pm␛\\"),
        "report": ("\x1b[6n\x1b[c\x05", "␛[6n␛[c␅"),
        "alternate screen": ("\x1b[?1049l", "␛[?1049l"),
        "synchronised for ever": ("\x1b[?2026hx", "␛[?2026hx"),
        "sequence without end": ("\x1b]0;open", "␛]0;open"),
        "C1 CSI": ("\x9b31mred", "�31mred"),
        "C1 OSC": ("\x9d0;t\x9c", "�0;t�"),
        "all C1": ("".join(map(chr, range(0x80, 0xA0))), "�����␤"),
        "all C0": ("".join(map(chr, range(0x20))), "␀␁␂␃␄␅␆␇␈␉"),
        "bell": ("\x07\x07ding", "␇␇ding"),
        "backspace": ("safe\x08\x08\x08\x08evil", "safe␈␈␈␈ev"),
        "return": ("first\rsecond", "first␍seco"),
        "null": ("a\x00b", "a␀b"),
        "delete": ("a\x7fb", "a␡b"),
        "newlines": ("one\ntwo\r\nthree\x0bfour\x0cfive", "one␊two␍␊t"),
        "next line": ("one\x85two", "one␤two"),
        "tabs": ("a\tb\t\tc", "a␉b␉␉c"),
        "separators of lines": ("one\u2028two\u2029three", "one␤two␤th"),
    }


def _unicode() -> dict[str, tuple[str, str]]:
    return {
        "right-to-left override": ("abc\u202efdp.exe", "abc�fdp.ex"),
        "embeddings": ("\u202aa\u202bb\u202cc\u202dd", "�a�b�c�d"),
        "isolates": ("\u2066a\u2067b\u2068c\u2069", "�a�b�c�"),
        "marks of direction": ("a\u200e\u200f\u061cb", "a���b"),
        "zero width": ("a\u200b\u200c\u200d\u2060\ufeffb", "a�����b"),
        "soft hyphen": ("soft\u00adhyphen", "soft�hyphe"),
        "selectors": ("a\ufe00\ufe01\ufe0fb\U000e0100\U000e01efc", "abc"),
        "tags": ("".join(chr(0xE0000 + ord(c)) for c in " hidden\x7f"), "��������"),
        "blank letters": ("a\u3164\u115f\uffa0\u2800b", "a����b"),
        "wide spaces": ("a\u3000\u00a0\u2003b", "a   b"),
        "marks without end": ("Z" + "\u0353\u0321\u0313" * 200 + "algo", "Z"),
        "marks that enclose": ("a\u20dd\u20e3\u0488b", "a"),
        "nothing but marks": ("\u0301\u0302", "◌"),
        "joining grapheme": ("a\u034f\u034fb", "a"),
        "wide": ("東京オフィス本社 電話番号", "東京オフィ"),
        "wide at every edge": ("a東" * 40, "a東a東a東"),
        "halves of Hangul": ("\u1100\u1161\u11a8 각", "\u1100"),
        "family": ("👩\u200d👩\u200d👧\u200d👦 x", "👩�👩�👧�"),
        "flag": ("🇦🇺🇬🇧 x", "🇦"),
        "heart": ("❤\ufe0f ☎\ufe0e x", "❤ ☎ x"),
        "skin": ("👍🏿 x", "👍"),
        "Arabic": ("مكتب الدعم", "م"),
        "Hebrew": ("משרד 12", "מ"),
        "Devanagari": ("हिन्दी कार्यालय", "ह"),
        "Thai": ("สำนักงานใหญ่", "ส"),
        "ambiguous": ("±½①Ωя─■★", "±½①Ωя─■★"),
        "half a surrogate pair": ("a\ud800b\udfffc", "a�b�c"),
        "unassigned": ("a\u0378\U000e0fff\ufffeb", "a���b"),
        "private use": ("a\ue000\U0010ffffb", "a��b"),
        "ligature of many": ("\ufdfa x", "\ufdfa"),
        "interlinear": ("\ufff9a\ufffab\ufffb", "�a�b�"),
        "full-width formula": ("＝1+1", "＝1+1"),
    }


def _formulas() -> dict[str, str | tuple[str, str]]:
    return {
        "formula": '=HYPERLINK("http://evil","x")',
        "plus formula": "+1+cmd|' /C calc'!A0",
        "minus formula": "-2+3",
        "at formula": "@SUM(1,2)",
        "tab formula": ("\t=1+1", "␉=1+1"),
        "return formula": ("\r=1+1", "␍=1+1"),
        "quoted formula": '"=1+1","=2"',
        "separated formula": "x;=1+1",
    }


def _long() -> dict[str, tuple[str, str]]:
    return {
        "ten thousand letters": ("w" * 10_000, "wwwwwwwwww"),
        "ten thousand in words": ("word " * 2_000, "word word "),
        "ten thousand wide": ("界" * 10_000, "界界界界界"),
        "ten thousand escapes": ("\x1b[" * 5_000, "␛[␛[␛[␛[␛["),
        "ten thousand marks": ("a" + "\u0301" * 9_999, "a"),
        "ten thousand lines": ("x\n" * 5_000, "x␊x␊x␊x␊x␊"),
    }


def _all() -> tuple[Hostile, ...]:
    found = _markup() | _controls() | _unicode() | _formulas() | _long()
    return tuple(
        Hostile(name, *(value if isinstance(value, tuple) else (value, value[:10])))
        for name, value in found.items()
    )


STRINGS = _all()

CONTROLS = frozenset(map(chr, (*range(0x20), *range(0x7F, 0xA0))))
INVISIBLE = frozenset("\u00ad\u061c\u200b\u200c\u200d\u200e\u200f\u2028\u2029\u2060\ufeff") | {
    chr(code) for start, end in ((0x202A, 0x202F), (0x2066, 0x206A), (0xE0000, 0xE0080))
    for code in range(start, end)
}  # fmt: skip


def harm_in(text: str, *, lines: bool = False) -> str:
    """Say which character of ``text`` no terminal should get, or nothing."""
    for character in text:
        if lines and character == "\n":
            continue
        if character in CONTROLS or character in INVISIBLE or not character.isprintable():
            return f"{character!r} in {text[:60]!r}"
    return ""
