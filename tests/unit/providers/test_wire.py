import json
import tracemalloc
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui_numbers.providers import decoding
from tui_numbers.providers.errors import (
    BadReply,
    CredentialsRejected,
    Forbidden,
    NotFound,
    RateLimited,
    Rejected,
    ServerFault,
)
from tui_numbers.providers.request import Reply

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda children: st.lists(children) | st.dictionaries(st.text(), children),
    max_leaves=8,
)


def reply(body=b"", status=200, **headers):
    return Reply("GET", "api.example", status, headers, body)


def test_fractions_keep_their_digits():
    assert decoding.decode(reply(b'{"a":1.50,"b":1}'), "x") == {"a": "1.50", "b": 1}


@pytest.mark.parametrize(
    ("body", "what"),
    [
        (b"", "an empty body"),
        (b"  ", "an empty body"),
        (b" <html>", "HTML"),
        (b'{"a":', "not JSON"),
        (b"\xff\xfe", "not JSON"),
        (b"[" * 100_000, "not JSON"),
        (b"NaN", "not JSON"),
    ],
)
def test_what_is_not_json(body, what):
    with pytest.raises(BadReply, match=what):
        decoding.decode(reply(body), "x")
    assert decoding.try_decode(reply(body)) is None


XML = b"<response><error-code>420</error-code><error-code-label>%s</error-code-label></response>"


@pytest.mark.parametrize(
    ("body", "kind", "what"),
    [
        (b'<?xml version="1.0"?>' + XML % b"success", "text/xml", "XML"),
        (XML % b"success", "application/xml; charset=utf-8", "XML"),
        (XML % b"success", "application/problem+xml", "XML"),
        (XML % b"success", "", "XML"),
        (b"\xef\xbb\xbf <Error><Code>Denied</Code></Error>", "", "XML"),
        (b'<?xml version="1.0"?><!DOCTYPE html><html/>', "application/xhtml+xml", "HTML"),
        (b"<!DOCTYPE HTML><html>", "", "HTML"),
        (b"<h1>Down</h1>", "", "HTML"),
        (b"<response>", "text/html", "HTML"),
        (b"<!-- down -->", "", "HTML"),
    ],
)
def test_xml_is_not_called_html(body, kind, what):
    with pytest.raises(BadReply, match=f"sent {what} ") as failure:
        decoding.decode(reply(body, **{"content-type": kind}), "x")
    assert ("in between" in failure.value.hint) == (what == "HTML")


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (XML % b"Numbers from A &amp; B are not sold", ": Numbers from A & B are not sold"),
        (b"<Error><Code>NoCredit</Code>\n<Message> Top\x1b up </Message></Error>",
         ": NoCredit; Top␛ up"),
        (b"<?xml version='1.0'?><a><b c='d'>one</b><b>one</b><e/></a>", ": one"),
        (b"<a><b>one<", ""),
        (b"<html><title>Down</title></html>", ""),
    ],
)  # fmt: skip
def test_what_xml_says_is_said(body, said):
    failure = decoding.status_error(reply(body, 420), "x", "")
    assert failure.message == f"api.example refused (HTTP 420){said}"


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (301, BadReply),
        (400, Rejected),
        (401, CredentialsRejected),
        (403, Forbidden),
        (404, NotFound),
        (409, Rejected),
        (420, Rejected),
        (422, Rejected),
        (429, RateLimited),
        (500, ServerFault),
        (599, ServerFault),
    ],
)
def test_statuses(status, error):
    failure = decoding.status_error(reply(status=status), "uk-sms", "words")
    assert type(failure) is error
    assert failure.account == "uk-sms"
    assert failure.may_have_applied == (error in (ServerFault, BadReply))
    assert error is BadReply or "words" in failure.message


def test_a_limit_tells_how_long():
    failure = decoding.status_error(reply(status=429, **{"retry-after": "9"}), "x", "")
    assert isinstance(failure, RateLimited)
    assert failure.retry_after == 9
    assert "9 s" in str(failure)


def test_fields():
    fields = decoding.Fields(
        {
            "text": "a\tb",
            "number": 7,
            "flag": True,
            "empty": "",
            "null": None,
            "words": "Voice, SMS,,",
            "list": ["MMS", "voice"],
            "mixed": ["a", 1],
            "country": "gb",
            "long": "GBR",
            "time": "2031-04-05T06:07:08.901Z",
            "naive": "2031-04-05T06:07:08",
            "late": "9999-12-31T23:59:59-23:00",
            "object": {"a": 1},
        }
    )
    assert fields.text("text") == "a␉b"
    assert fields.text("number") == "7"
    assert [fields.text(key) for key in ("empty", "null", "absent")] == [None] * 3
    assert fields.words("words") == {"voice", "sms"}
    assert fields.words("list") == {"mms", "voice"}
    assert fields.country("country") == "GB"
    assert fields.time("time") == datetime(2031, 4, 5, 6, 7, 8, 901_000, UTC)
    assert fields.time("naive") == datetime(2031, 4, 5, 6, 7, 8, 0, UTC)
    assert fields.mapping("object") == {"a": 1}
    assert fields.mapping("null") == {}
    assert fields.unreadable == []
    assert fields.text("flag") is None
    assert fields.words("mixed") == frozenset()
    assert fields.words("number") == frozenset()
    assert fields.country("long") is None
    assert fields.time("text") is None
    assert fields.time("late") is None
    assert fields.mapping("list") == {}
    assert fields.unreadable == ["flag", "mixed", "number", "long", "text", "late", "list"]


@given(JSON)
def test_any_value_is_read_or_named(value):
    fields = decoding.Fields({"key": value})
    results = [
        getattr(fields, name)("key") for name in ("text", "words", "country", "time", "mapping")
    ]
    assert len(results) == 5
    assert set(fields.unreadable) <= {"key"}
    assert decoding.e164_of(value, plus=True) is None or isinstance(value, str | int)
    assert decoding.excerpt(value).isprintable()


@given(st.lists(JSON))
def test_every_record_is_an_item_or_dropped(records):
    page = decoding.read_page(records, lambda fields: fields.text("number"))
    assert len(page.items) + page.dropped == len(records)
    assert all(line.isprintable() for line in page.warnings)


def test_a_field_is_named_once_in_a_warning():
    def read(fields):
        fields.text("a")
        fields.text("a")
        return "item"

    assert decoding.read_page([{"a": []}], read).warnings == ("a record: unreadable a",)


@pytest.mark.parametrize(
    ("value", "plus", "number"),
    [
        ("447700900555", False, "+447700900555"),
        ("+447700900555", False, "+447700900555"),
        (" 447700900555 ", False, "+447700900555"),
        ("447700900555", True, "+447700900555"),
        (" 447700900555", True, "+447700900555"),
        ("+447700900555", True, "+447700900555"),
        ("0447700900555", False, None),
        ("", False, None),
        (447700900555, False, "+447700900555"),
        (447700900555, True, "+447700900555"),
        (12673676170, True, "+12673676170"),
        (-447700900555, True, None),
        (10**25, True, None),
        (True, False, None),
        ("999123456789", True, None),
        ("96167", False, "96167"),
        (96167, False, "96167"),
        ("310", True, None),
        ("+4477009005551234567", True, None),
        ("٤٤٧٧٠٠٩٠٠٥٥٥", False, None),
    ],
)
def test_numbers_of_the_wire(value, plus, number):
    assert decoding.e164_of(value, plus=plus) == number


@pytest.mark.parametrize(
    ("value", "country", "number"),
    [
        ("12673676170", "US", "+12673676170"),
        ("2673676170", "US", None),
        (491570006, "AU", None),
        (61491570006, "AU", "+61491570006"),
        ("255501234", "AU", None),
        ("+2673676170", "US", "+2673676170"),
        ("442079460999", "ZZ", None),
    ],
)
def test_a_national_number_is_not_taken_for_one_of_another_country(value, country, number):
    assert decoding.e164_of(value, plus=True, country=country) == number


@pytest.mark.parametrize("value", ["96167", "+96167", 96167, "9616733"])
@pytest.mark.parametrize("kind", ["mobile-shortcode", "shortcode", "Short Code"])
def test_what_the_provider_calls_a_short_code_has_no_country_code(value, kind):
    number = decoding.e164_of(value, plus=False, country="US", kind=kind)
    assert number == str(value).removeprefix("+")


def test_a_record_is_shown_as_it_was_received():
    assert json.loads(decoding.encode({"a": ["b", None, 1]})) == {"a": ["b", None, 1]}


def test_of_long_words_nothing_is_kept():
    tracemalloc.start()
    for place in range(50):
        long = f"{place}" + "x" * 200_000
        fields = decoding.Fields({"words": [long], "list": f"{long},{long}", "word": long})
        assert [len(word) for word in fields.words("words")] == [40]
        assert len(fields.words("list")) == 1
        fields.word("word")
    kept = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    assert kept < 1_000_000


@pytest.mark.parametrize(
    "body",
    [
        b'{"pin": 1, "a": [{"pin": {"x": 1}, "b": 2}], "c": {"d": {"pin": null}}}',
        b'{"p\\u0069n": 1, "a": [{"\\u0070in": 2, "b": 2}], "c": {"d": {}}}',
    ],
)
def test_fields_that_hold_secrets_are_never_read(body):
    hiding = Reply("GET", "api.example", 200, {}, body, hidden=frozenset({"pin"}))
    for read in (decoding.decode(hiding, "x"), decoding.try_decode(hiding)):
        assert read == {"a": [{"b": 2}], "c": {"d": {}}}
