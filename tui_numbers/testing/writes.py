"""Test that writes are sent once, and that nothing of a secret shows."""

import base64
import logging
import traceback
from collections.abc import Awaitable, Callable, Mapping

import pytest

from tui_numbers.domain.changes import CLEAR, Change, Edit, Set
from tui_numbers.domain.query import OwnedQuery
from tui_numbers.providers.contract import BuyTarget, Provider
from tui_numbers.providers.errors import (
    BadReply,
    CredentialsRejected,
    Forbidden,
    NoAnswer,
    NotOffered,
    ProviderError,
    RateLimited,
    Rejected,
    ServerFault,
)
from tui_numbers.testing.bench import Bench, Failure, Fault
from tui_numbers.testing.listings import PluginTests


async def bought(bench: Bench) -> None:
    """Buy the number that can be bought."""
    await bench.client.buy(bench.wanted(), bench.bought_for())


async def released(bench: Bench) -> None:
    """Release the ordinary number."""
    await bench.client.release(await bench.ordinary())


async def updated(bench: Bench) -> None:
    """Change one setting of the ordinary number."""
    number = await bench.ordinary()
    key, text = next(iter(bench.values().items()))
    await bench.client.update(number, Change({key: Set(text)}))


WRITES: dict[str, Callable[[Bench], Awaitable[None]]] = {
    "buy": bought,
    "release": released,
    "update": updated,
}
over_every_write = pytest.mark.parametrize("write", WRITES)

LOST = (Failure.DROPPED, Failure.LOST, Failure.HTML, Failure.HALF_JSON, Failure.EMPTY)
UNREADABLE = frozenset({Failure.HTML, Failure.HALF_JSON, Failure.EMPTY})
REFUSED: tuple[tuple[Fault, type[ProviderError], bool], ...] = (
    (401, CredentialsRejected, False),
    (403, Forbidden, False),
    (429, RateLimited, False),
    (500, ServerFault, True),
    (503, ServerFault, True),
    (504, ServerFault, True),
)


def _moved(bench: Bench, before: dict[str, object]) -> set[str]:
    after = bench.stored(bench.ordinary_number())
    return {key for key in before if before[key] != after[key]}


class WriteTests(PluginTests):
    """What a client changes."""

    def _is_offered(self, write: str) -> bool:
        info = self.plugin.info
        return {"buy": info.buy.offered, "release": info.release.offered}.get(write, True)

    async def test_setting_one_value_keeps_every_other(self, bench: Bench, setting: str) -> None:
        before, stored = await bench.ordinary(), dict(bench.stored(bench.ordinary_number()))
        spec = self.plugin.info.setting(setting)
        assert spec is not None
        if not spec.settable:
            with pytest.raises(NotOffered) as failure:
                await bench.client.update(before, Change({setting: Set("x:y")}))
            assert spec.why_not_settable in str(failure.value)
            assert bench.writes == 0
            return
        change = Change({setting: Set(bench.values()[setting])})
        await bench.client.update(before, change)
        after, moved = await bench.ordinary(), _moved(bench, stored)
        assert moved
        assert moved <= set(bench.moves(setting))
        wanted = change.applied_to(before.settings) | dict.fromkeys(spec.displaces)
        assert after.settings == {key: wanted[key] for key in before.settings}
        assert 1 <= bench.writes <= bench.update_writes

    async def test_clearing_removes_one_value_or_is_not_offered(
        self, bench: Bench, setting: str
    ) -> None:
        everything = self._without_displaced(bench.values(), setting)
        await bench.client.update(await bench.ordinary(), everything)
        before, stored = await bench.ordinary(), dict(bench.stored(bench.ordinary_number()))
        spec = self.plugin.info.setting(setting)
        assert spec is not None
        if not spec.clearable:
            with pytest.raises(NotOffered) as failure:
                await bench.client.update(before, Change({setting: CLEAR}))
            assert spec.why_not_clearable
            assert spec.why_not_clearable in str(failure.value)
            assert bench.writes == bench.update_writes
            return
        await bench.client.update(before, Change({setting: CLEAR}))
        after = await bench.ordinary()
        assert after.settings == {**before.settings, setting: None}
        assert _moved(bench, stored) <= {*bench.moves(setting), *bench.loses}

    def _without_displaced(self, values: Mapping[str, str], kept: str) -> Change:
        """Return the change that sets everything beside ``kept`` that can stand beside it."""
        edits: dict[str, Edit] = {}
        for key in (kept, *values):
            spec = self.plugin.info.setting(key)
            assert spec is not None
            rivals = {other for other in edits if self._excludes(other, key)}
            if spec.settable and not rivals:
                edits[key] = Set(values[key])
        return Change(edits)

    def _excludes(self, one: str, other: str) -> bool:
        specs = (self.plugin.info.setting(one), self.plugin.info.setting(other))
        return any(spec is not None and {one, other} & set(spec.displaces) for spec in specs)

    async def test_keeping_everything_sends_nothing(self, bench: Bench) -> None:
        await bench.client.update(await bench.ordinary(), Change({}))
        assert bench.writes == 0

    async def test_a_setting_that_does_not_exist_is_not_sent(self, bench: Bench) -> None:
        with pytest.raises(NotOffered):
            await bench.client.update(await bench.ordinary(), Change({"colour": Set("red")}))
        assert bench.writes == 0

    async def test_what_an_update_loses_is_declared_and_warned_of(self, bench: Bench) -> None:
        number = await bench.ordinary()
        key = next(iter(bench.values()))
        lines = bench.client.warnings(number, Change({key: Set("x:y")}))
        assert all("\n" not in line and len(line) < 120 for line in lines)
        assert bool(self.plugin.info.not_carried_over) <= bool(lines)

    async def test_a_purchase_is_made_once_or_not_offered(self, bench: Bench) -> None:
        info = self.plugin.info
        # What is to be had first is another one afterwards.
        item, target, owned = bench.wanted(), bench.bought_for(), set(bench.owned())
        if not info.buy.offered:
            with pytest.raises(NotOffered) as failure:
                await bench.client.buy(item, target)
            assert info.buy.reason in str(failure.value)
            assert bench.writes == 0
            return
        purchase = await bench.client.buy(item, target)
        assert purchase.status in ("active", "pending", None)
        assert bench.writes == 1
        assert set(bench.owned()) == owned | {item.number}
        found = await bench.client.find(item.number)
        assert found is not None
        assert (target is not None) == (info.buy_target is BuyTarget.REQUIRED)
        assert set(found.routing.values()) - {None} == ({target} if target else set())

    async def test_a_release_is_made_once_or_not_offered(self, bench: Bench) -> None:
        known, owned = await bench.ordinary(), set(bench.owned())
        release = self.plugin.info.release
        if not release.offered:
            with pytest.raises(NotOffered) as failure:
                await bench.client.release(known)
            assert release.reason in str(failure.value)
            assert bench.writes == 0
            return
        await bench.client.release(known)
        assert bench.writes == 1
        assert set(bench.owned()) == owned - {known.number}
        assert await bench.client.find(known.number) is None
        assert await bench.client.find(known.number, known) is None

    @over_every_write
    @pytest.mark.parametrize("kind", LOST)
    async def test_a_write_whose_answer_is_lost_is_sent_once(
        self, bench: Bench, write: str, kind: Fault
    ) -> None:
        if not self._is_offered(write):
            return
        bench.fail_writes(kind)
        if (write, kind) in bench.bodiless:
            await WRITES[write](bench)
            assert bench.writes == 1
            return
        with pytest.raises(NoAnswer) as failure:
            await WRITES[write](bench)
        assert failure.value.may_have_applied is True
        assert isinstance(failure.value, BadReply) == (kind in UNREADABLE)
        assert bench.writes == 1

    @over_every_write
    @pytest.mark.parametrize(("kind", "error", "may_have_applied"), REFUSED)
    async def test_a_write_that_fails_is_sent_once(
        self,
        bench: Bench,
        write: str,
        kind: Fault,
        error: type[ProviderError],
        may_have_applied: bool,
    ) -> None:
        if not self._is_offered(write):
            return
        bench.fail_writes(kind)
        with pytest.raises(error) as failure:
            await WRITES[write](bench)
        assert failure.value.may_have_applied is may_have_applied
        assert bench.writes == 1

    @over_every_write
    async def test_a_refusal_is_definite(self, bench: Bench, write: str) -> None:
        if not self._is_offered(write):
            return
        for refusal in bench.refusals:
            bench.mend()
            bench.fail_writes(refusal)
            with pytest.raises(Rejected) as failure:
                await WRITES[write](bench)
            assert failure.value.may_have_applied is False
            assert bench.writes == 1


REJECTED = "tell-n0body/&+%"  # a secret that nobody has


SHOWN_AFTER = (
    None,
    500,
    403,
    401,
    429,
    Failure.HTML,
    Failure.HALF_JSON,
    Failure.DROPPED,
)


def forms_of(secret: str, users: tuple[str, ...]) -> set[str]:
    """Return what would give a secret away: plain, up to what a URL escapes, HTTP Basic."""
    basic = {base64.b64encode(f"{user}:{secret}".encode()).decode() for user in users}
    plain = secret.partition("/")[0]
    return {secret, plain} | basic


def shown_by(error: BaseException) -> str:
    """Return everything that an exception and its chain would print or carry."""
    told: list[str] = []
    seen: set[int] = set()
    chain: list[BaseException | None] = [error]
    while chain:
        each = chain.pop()
        if each is None or id(each) in seen:
            continue
        seen.add(id(each))
        told += [str(each), repr(each), repr(each.args), repr(vars(each))]
        told += traceback.format_exception(each)
        for name in ("request", "_request", "response"):
            assert getattr(each, name, None) is None
        chain += [each.__cause__, each.__context__]
    return "\n".join(told)


def shown_by_logs(caplog: pytest.LogCaptureFixture) -> str:
    """Return everything that was logged, and what its records carry."""
    told = [caplog.text]
    for record in caplog.records:
        told += [record.getMessage(), repr(record.args), repr(vars(record))]
    return "\n".join(told)


async def everything(client: Provider, bench: Bench) -> str:
    """Ask for all there is, whatever fails; return what answers and failures show."""
    shown: list[str] = []
    number = None
    try:
        number = await bench.ordinary()
    except ProviderError as error:
        shown.append(shown_by(error))
    for call in (
        client.check(),
        client.buy(bench.wanted(), bench.bought_for()),
        client.addresses(),
    ):
        try:
            shown.append(repr(await call))
        except ProviderError as error:
            shown.append(shown_by(error))
    for pages in (client.owned(OwnedQuery()), client.targets(number)):
        try:
            shown += [repr(page) async for page in pages]
        except ProviderError as error:
            shown.append(shown_by(error))
    return "\n".join(shown)


class SecrecyTests(PluginTests):
    """What a client never shows."""

    @pytest.mark.parametrize("kind", SHOWN_AFTER)
    async def test_no_secret_in_any_repr_log_or_exception(
        self, bench: Bench, caplog: pytest.LogCaptureFixture, kind: Fault | None
    ) -> None:
        caplog.set_level(logging.DEBUG)
        if kind is not None:
            bench.fail_reads(kind)
            bench.fail_writes(kind)
        shown = await everything(bench.client, bench) + shown_by_logs(caplog)
        shown += repr(bench.client) + repr(vars(bench.client))
        for form in forms_of(bench.secret, tuple(bench.fields.values())):
            assert form not in shown

    async def test_a_rejected_secret_is_not_repeated(
        self, bench: Bench, caplog: pytest.LogCaptureFixture
    ) -> None:
        caplog.set_level(logging.DEBUG)
        client = bench.connect(secret=REJECTED)
        shown = await everything(client, bench) + shown_by_logs(caplog)
        for form in forms_of(REJECTED, tuple(bench.fields.values())):
            assert form not in shown
