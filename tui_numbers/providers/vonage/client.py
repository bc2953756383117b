"""A client of one Vonage account."""

from collections.abc import AsyncIterator, Mapping

from tui_numbers.domain.changes import Change
from tui_numbers.domain.e164 import E164, digits_of
from tui_numbers.domain.money import Money
from tui_numbers.domain.numbers import AvailableNumber, OwnedNumber, Target, TargetOption
from tui_numbers.domain.query import OwnedQuery, StockQuery
from tui_numbers.providers.contract import (
    AccountCheck,
    Api,
    Page,
    Provider,
    Purchase,
)
from tui_numbers.providers.errors import BadReply, NotFound, ProviderError, Rejected
from tui_numbers.providers.exchange import Basic, Credentials, QueryCredentials
from tui_numbers.providers.vonage.info import (
    APPLICATIONS_URL,
    AUTH_QUERY,
    CURRENCY,
    INFO,
)
from tui_numbers.providers.vonage.listing import Listing
from tui_numbers.providers.vonage.replies import body_of, confirm
from tui_numbers.providers.vonage.writing import update_form, warnings, why_not

_QUERY_HINT = 'or, for a server that wants them in the query, write auth = "query" for {}'
"""Vonage's own host takes HTTP Basic; one that goes by its document alone may not."""


class Vonage(Provider):
    """Reads and changes the numbers of one API key."""

    info = INFO

    def __init__(self, api: Api) -> None:
        account = api.account
        self._account = account.name
        self._key = account.fields.get("api_key", "")
        self._subaccount = account.fields.get("target_api_key") or None
        basic = Basic(self._key)
        credentials: Credentials = basic
        if account.fields.get("auth") == AUTH_QUERY:
            credentials = QueryCredentials("api_key", self._key, "api_secret")
        base_url = account.base_url or INFO.base_url
        asks_otherwise = account.base_url is not None and credentials is basic
        self._numbers = api.endpoint(
            base_url,
            credentials,
            if_rejected=_QUERY_HINT.format(account.name) if asks_otherwise else "",
        )
        # The Application API knows HTTP Basic alone.
        applications_url = (
            account.fields.get("applications_url") or account.base_url or APPLICATIONS_URL
        )
        applications = api.endpoint(applications_url, basic, named="applications_url")
        self._listing = Listing(self._numbers, applications, self._account, INFO.pace.widest)

    async def check(self) -> AccountCheck:
        """Ask for the balance, which every key may see."""
        reply = await self._numbers.get("/account/get-balance")
        body = body_of(reply, self._account)
        if "value" not in body:
            raise BadReply(f"{reply.host} sent JSON without a balance", account=self._account)
        reload = body.get("autoReload")
        details = {"Auto reload": "on" if reload else "off"} if isinstance(reload, bool) else {}
        return AccountCheck(
            f"Vonage {self._key}", details, balance=Money.read(body.get("value"), CURRENCY)
        )

    def owned(self, query: OwnedQuery) -> AsyncIterator[Page[OwnedNumber]]:
        """List owned numbers; country and application are filtered by the API."""
        return self._listing.owned(query)

    async def find(self, number: E164, known: OwnedNumber | None = None) -> OwnedNumber | None:
        """Read exactly this number afresh: there is no call for one number, so it is listed."""
        fields = await self._listing.record(number)
        return None if fields is None else self._listing.owned_number(fields)

    def available(self, query: StockQuery) -> AsyncIterator[Page[AvailableNumber]]:
        """Search stock, one page for each that is asked for."""
        return self._listing.available(query)

    def targets(self, number: OwnedNumber | None = None) -> AsyncIterator[Page[TargetOption]]:
        """List the applications that take calls or messages, if ``number`` can carry them."""
        return self._listing.applications(number)

    async def target(self, target: Target) -> TargetOption | None:
        """Read what an application can serve."""
        return await self._listing.application(target.value)

    async def update(self, number: OwnedNumber, change: Change) -> None:
        """Read the record again, put the change into it and send the whole, once."""
        if not change:
            return
        try:
            fields = await self._listing.record(number.number)
        except ProviderError as error:
            # Only the read failed; an answer that was lost changed nothing.
            error.may_have_applied = False
            raise
        if fields is None:
            raise NotFound(
                f"{number.number} is not among the account's numbers", account=self._account
            )
        country = self._country_of(number.number, fields.country("country"))
        msisdn = digits_of(number.number)
        form = update_form(fields.record, country, msisdn, change, self._account)
        await self._send("/number/update", form)

    async def buy(self, number: AvailableNumber, target: Target | None) -> Purchase:
        """Buy ``number`` from the prepaid balance; a target is set by an update afterwards."""
        await self._send("/number/buy", self._named(number.number, number.country))
        return Purchase("active")

    async def release(self, number: OwnedNumber) -> None:
        """Cancel ``number``; the API knows no way back."""
        await self._send("/number/cancel", self._named(number.number, number.country))

    def warnings(self, number: OwnedNumber, change: Change) -> tuple[str, ...]:
        """Say what an update may lose because Vonage does not show it."""
        return warnings(number, change)

    def why_not(self, change: Change) -> str | None:
        """Say which setting, target or clearing Vonage does not document."""
        return why_not(change)

    def _named(self, number: E164, country: str | None) -> dict[str, str]:
        form = {"country": self._country_of(number, country), "msisdn": digits_of(number)}
        if self._subaccount is not None:
            form["target_api_key"] = self._subaccount
        return form

    def _country_of(self, number: E164, country: str | None) -> str:
        """Return the country of the record; a prefix does not tell it, +1 being many."""
        if country is None:
            raise Rejected(
                f"nothing was sent: Vonage does not tell the country of {number}, "
                "which it wants to be told in turn",
                account=self._account,
            )
        return country

    async def _send(self, path: str, form: Mapping[str, str]) -> None:
        confirm(await self._numbers.send("POST", path, form=form), self._account)
