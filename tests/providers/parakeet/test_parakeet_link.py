import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui_numbers.providers.parakeet.link import next_link


@pytest.mark.parametrize(
    ("header", "following"),
    [
        ("", None),
        ('<https://p.example/n?cursor=a>; rel="next"; cursor="a"', "https://p.example/n?cursor=a"),
        ('<https://p.example/n?cursor=a>; cursor="a"; rel=next', "https://p.example/n?cursor=a"),
        ('</n?c=1>; rel="prev", </n?c=2>; rel="next",', "/n?c=2"),
        (
            '</n?c=2>; rel="next";\r\n  cursor="2",\r\n </n?c=0>; rel="prev";\r\n cursor="0",',
            "/n?c=2",
        ),
        ('</n?ids=1,2>; title="a, <b>; rel=prev"; REL="Next"', "/n?ids=1,2"),
        ('</n?c=2> ; rel = "last next"', "/n?c=2"),
        ('</n?c=2>; rel="prev"; rel="next"', None),
        ('</n?c=2>; rel="nextish"', None),
        ("</n?c=2>", None),
        ("</n?c=2>; rel", None),
        ('</n?c=2; rel="next"', None),
        ('rel="next"', None),
        ('<>; rel="next"', ""),
    ],
)
def test_finds_the_next_page(header: str, following: str | None) -> None:
    assert next_link(header) == following


@given(st.text(alphabet='<>;,="\\ relnxtp/?', max_size=200))
def test_reads_anything(header: str) -> None:
    next_link(header)
