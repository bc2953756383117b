import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui_numbers.providers.parakeet.client import next_link, next_url

FIRST = "https://p.example/api/numbers"
PAGE = FIRST + "?cursor=old"
PARAMS = {"limit": 100}


def following(header: str) -> str | None:
    link = next_link(header)
    return None if link is None else next_url(link, PAGE, FIRST, PARAMS)


@pytest.mark.parametrize(
    ("header", "url"),
    [
        ('<https://p.example/n?cursor=a>; rel="next"; cursor="a"', "https://p.example/n?cursor=a"),
        ('<https://p.example/n?cursor=a>; cursor="a"; rel=next', "https://p.example/n?cursor=a"),
        ('</n?c=1>; rel="prev", </n?c=2>; rel="next",', "https://p.example/n?c=2"),
        (
            '</n?c=2>; rel="next";\r\n  cx="2",\r\n </n?c=0>; rel="prev";\r\n cursor="0",',
            "https://p.example/n?c=2",
        ),
        ('</n?ids=1,2>; title="a, <b>; rel=prev"; REL="Next"', "https://p.example/n?ids=1,2"),
        ('</n?c=2> ; rel = "last next"', "https://p.example/n?c=2"),
        ("</n?c=2>;rel='next'", "https://p.example/n?c=2"),
        ("</n?c=2>; ; rel=NEXT;", "https://p.example/n?c=2"),
        (" , ,</n?c=2>; rel=\"next\"; title*=UTF-8''n%c3%a4chste", "https://p.example/n?c=2"),
        (r'</n?c=2>; title="\"rel=prev\", "; rel="next"', "https://p.example/n?c=2"),
        ('</n?c=2>; crossorigin; rel="next"', "https://p.example/n?c=2"),
        ('<?cursor=b>; rel="next"', FIRST + "?cursor=b"),
        ('<numbers?cursor=b>; rel="next"', FIRST + "?cursor=b"),
        ('<//p.example/api/numbers?cursor=b>; rel="next"', FIRST + "?cursor=b"),
    ],
)
def test_finds_the_next_page(header: str, url: str) -> None:
    assert following(header) == url


@pytest.mark.parametrize(
    ("header", "url"),
    [
        (f'<{FIRST}>; rel="next"; cursor="b"', FIRST + "?limit=100&cursor=b"),
        ('</api/numbers>; cursor=b; rel="next"', FIRST + "?limit=100&cursor=b"),
        (f'<{FIRST}?limit=50>; rel="next"; cursor="b"', FIRST + "?limit=50&cursor=b"),
        (f'<{FIRST}?cursor=>; rel="next"; Cursor="b"', FIRST + "?limit=100&cursor=b"),
        ('<>; rel="next"; cursor="b"', FIRST + "?limit=100&cursor=b"),
        ('rel="next"; cursor="b"', FIRST + "?limit=100&cursor=b"),
        ("rel=next; cursor='b'", FIRST + "?limit=100&cursor=b"),
        (f'<{FIRST}>; rel="next"; cursor="b+/="', FIRST + "?limit=100&cursor=b%2B%2F%3D"),
        (f'<{FIRST}>; rel="prev"; cursor="a", <{FIRST}>; rel="next"; cursor="c"',
         FIRST + "?limit=100&cursor=c"),
    ],
)  # fmt: skip
def test_a_cursor_that_stands_in_the_attribute_alone_leads_on(header: str, url: str) -> None:
    assert following(header) == url


@pytest.mark.parametrize(
    "header",
    [
        "",
        '</n?c=2>; rel="prev"; rel="next"',
        '</n?c=2>; rel="nextish"',
        '</n?c=2>; rel="https://p.example/next"',
        "</n?c=2>",
        "</n?c=2>; rel",
        "</n?c=2>; cursor=next",
        '</n?c=2>; title="rel=next, yes"; rel=prev',
    ],
)
def test_a_header_without_a_next_page_is_the_end(header: str) -> None:
    assert next_link(header) is None


@pytest.mark.parametrize(
    "header",
    [
        '</n?c=2; rel="next"',
        'rel="next"',
        '<>; rel="next"',
        'https://p.example/n?cursor=b; rel="next"; cursor="b"',
        '<http://[half>; rel="next"',
        f'</n?cursor={"b" * 20_000}>; rel="next"',
    ],
)
def test_a_next_page_that_cannot_be_read_is_not_the_end(header: str) -> None:
    assert next_link(header) is not None
    assert following(header) is None


@given(st.text(alphabet="<>;,=\"'\\ relnxtp/?", max_size=200))
def test_reads_anything(header: str) -> None:
    following(header)
