"""The parameters that Vonage's two lists share: pattern, features and page."""

from collections.abc import Callable
from dataclasses import dataclass

from starlette.datastructures import QueryParams
from starlette.responses import Response

from tui_numbers.sandbox.vonage_answers import TYPES, failed, invalid
from tui_numbers.sandbox.wire import whole_number

FEATURES = frozenset({"SMS", "VOICE", "SMS,VOICE", "MMS", "SMS,MMS", "VOICE,MMS", "SMS,MMS,VOICE"})
"""The only spellings that are understood; the order of the words is part of them."""

_PAGE_SIZE = 10
_LARGEST_PAGE = 100
_MATCHES: dict[int, Callable[[str, str], bool]] = {
    0: str.startswith,
    1: str.__contains__,
    2: str.endswith,
}


@dataclass(frozen=True)
class NumberQuery:
    """What a list is asked for."""

    country: str | None
    kind: str | None
    features: frozenset[str]
    pattern: str
    search_pattern: int
    size: int
    index: int
    application_id: str | None
    has_application: bool | None

    def matches(self, msisdn: str) -> bool:
        """Say whether a number has the pattern where it is wanted."""
        return not self.pattern or _MATCHES[self.search_pattern](msisdn, self.pattern)

    @property
    def is_plain(self) -> bool:
        """Whether every owned number is wanted."""
        return (
            not self.pattern
            and (self.country, self.application_id) == (None, None)
            and (self.has_application is None)
        )

    @property
    def page(self) -> slice:
        """The part of the matching numbers that is shown."""
        return slice((self.index - 1) * self.size, self.index * self.size)


def read_query(query: QueryParams) -> NumberQuery | Response:
    """Read the parameters of a list, or return the error they deserve."""
    numbers: dict[str, int] = {}
    for name, default in (("search_pattern", 0), ("size", _PAGE_SIZE), ("index", 1)):
        try:
            numbers[name] = whole_number(query.get(name), default)
        except ValueError:
            return invalid(name)
    if numbers["search_pattern"] not in _MATCHES:
        return invalid("search_pattern")
    if numbers["size"] > _LARGEST_PAGE:
        return invalid("size")
    wrong = _wrong_word(query)
    if wrong is not None:
        return wrong
    features = query.get("features")
    has_application = _yes_or_no(query.get("has_application"))
    kinds = {wire: kind for kind, wire in TYPES.items()}
    return NumberQuery(
        country=query.get("country"),
        kind=kinds[query["type"]] if "type" in query else None,
        features=frozenset(features.split(",")) if features else frozenset(),
        pattern=query.get("pattern", ""),
        search_pattern=numbers["search_pattern"],
        # The document sets no lower bound, so smaller values are taken as the smallest that work.
        size=max(numbers["size"], 1),
        index=max(numbers["index"], 1),
        application_id=query.get("application_id"),
        has_application=has_application,
    )


def _yes_or_no(text: str | None) -> bool | None:
    """Read ``true`` or ``false`` as any language writes it; Python clients send ``True``."""
    return None if text is None else {"true": True, "false": False}.get(text.lower())


def _wrong_word(query: QueryParams) -> Response | None:
    if "country" in query and len(query["country"]) != 2:
        return invalid("country")
    if "type" in query and query["type"] not in TYPES.values():
        return invalid("type")
    if "has_application" in query and _yes_or_no(query["has_application"]) is None:
        return invalid("has_application")
    if "features" in query and query["features"] not in FEATURES:
        return failed()
    return None
