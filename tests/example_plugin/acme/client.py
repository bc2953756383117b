from tui_numbers.domain.changes import Set
from tui_numbers.domain.e164 import digits_of
from tui_numbers.domain.numbers import Target
from tui_numbers.domain.query import Total
from tui_numbers.providers import decoding
from tui_numbers.providers.contract import NO_EXTRAS, AccountCheck, Page, Provider
from tui_numbers.providers.errors import NotOffered
from tui_numbers.providers.paging import Answer, Listing
from tui_numbers.providers.request import Basic

from acme.info import INFO
from acme.records import body_of, owned_number


class Acme(Provider):
    """One account at Acme."""

    info = INFO

    def __init__(self, api):
        self._account = api.account.name
        credentials = Basic(api.account.fields["account_id"])
        self._endpoint = api.endpoint(api.account.base_url or INFO.base_url, credentials)

    async def check(self):
        body = body_of(await self._endpoint.get("/account"), self._account, "name")
        return AccountCheck(decoding.Fields(body).text("name") or "Acme")

    def owned(self, query):
        async def ask(page, before):
            reply = await self._endpoint.get("/numbers", {"page": page})
            body = body_of(reply, self._account, "numbers")
            rows = decoding.read_page(body["numbers"], self._read, Total(body.get("total")))
            return Answer(rows, len(reply.body))

        listing = Listing(self._account, "Acme's list of numbers", lambda found: found.number)
        return listing.counted(ask, INFO.page_size)

    async def find(self, number, known=None):
        reply = await self._endpoint.get(f"/numbers/{digits_of(number)}")
        if reply.status == 404:
            return None
        record = body_of(reply, self._account, "number")
        found = owned_number(decoding.Fields(record), self._account, decoding.encode(record))
        return found if found and found.number == number else None

    async def available(self, query):
        raise NotOffered(INFO.search.reason, account=self._account)
        yield Page(())

    async def targets(self, number=None):
        yield Page(())

    async def update(self, number, change):
        if not change:
            return
        body = {}
        for key, edit in change.edits.items():
            if INFO.setting(key) is None:
                raise NotOffered(f"Acme has no setting {key!r}", account=self._account)
            body["forward_to"] = (
                Target.from_text(edit.value).value if isinstance(edit, Set) else None
            )
        reply = await self._endpoint.send("PUT", f"/numbers/{digits_of(number.number)}", json=body)
        body_of(reply, self._account, "number")

    async def buy(self, number, target, extras=NO_EXTRAS):
        raise NotOffered(INFO.buy.reason, account=self._account)

    async def release(self, number):
        reply = await self._endpoint.send("DELETE", f"/numbers/{digits_of(number.number)}")
        if reply.status != 204:
            body_of(reply, self._account, "number")

    def _read(self, fields):
        return owned_number(fields, self._account)
