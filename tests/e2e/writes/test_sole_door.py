"""Nothing but the rules of a write calls a provider's writes."""

import ast
from functools import cache
from pathlib import Path

import tui_numbers
from tests.support.fake_provider import (
    ACCOUNT,
    INFO,
    NUMBER,
    FakeProvider,
    available,
    owned,
    phone,
    session,
)
from tui_numbers.services.planning import Consent, plan_buy, plan_release, plan_retarget
from tui_numbers.services.writes import Writer

_PACKAGE = Path(tui_numbers.__file__).parent
_WRITES = frozenset({"update", "buy", "release"})
_SEND = frozenset({"send"})
_LOOKED_AT = (ast.Await, ast.Call, ast.Attribute)


def _called_on_providers(nodes):
    """Methods called on anything that could be a client: awaited calls by a write's name."""
    for node in nodes:
        if isinstance(node, ast.Await) and isinstance(node.value, ast.Call):
            called = node.value.func
            if isinstance(called, ast.Attribute) and called.attr in _WRITES:
                yield ast.unparse(called)


@cache
def _modules():
    """Return all modules but the suite that tries a provider's client by itself: their nodes."""
    found = []
    for path in sorted(_PACKAGE.rglob("*.py")):
        name = path.relative_to(_PACKAGE)
        if name.parts[0] != "testing":
            nodes = ast.walk(ast.parse(path.read_text()))
            kept = [node for node in nodes if isinstance(node, _LOOKED_AT)]
            found.append((name.as_posix(), kept))
    return found


def test_only_the_rules_call_a_providers_writes():
    found = {name: sorted(set(_called_on_providers(nodes))) for name, nodes in _modules()}
    callers = {name: calls for name, calls in found.items() if calls}
    assert callers.pop("services/writes.py") == [
        "client.buy", "client.release", "client.update",
    ]  # fmt: skip
    # The client that the rules are given passes each call on to the provider's own.
    assert callers.pop("services/containment.py") == [
        "self.client.buy", "self.client.release", "self.client.update",
    ]  # fmt: skip
    # These go through the rules themselves: their object is the rules, or a flow of screens.
    through = {"self.writer.buy"}
    for name, calls in callers.items():
        assert set(calls) <= through, name


def test_writes_are_passed_around_nowhere():
    """No module takes a write of a client as a value, to be called out of sight."""
    for name, nodes in _modules():
        called = {id(node.func) for node in nodes if isinstance(node, ast.Call)}
        for node in nodes:
            if isinstance(node, ast.Attribute) and id(node) not in called:
                owner = ast.unparse(node.value)
                is_client = owner.split(".")[-1].split("[")[0] in ("client", "provider", "clients")
                assert not (is_client and node.attr in _WRITES), f"{name}: {ast.unparse(node)}"


def test_only_provider_modules_send_requests_that_write():
    for name, nodes in _modules():
        for node in nodes:
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and node.func.attr in _SEND
                and "endpoint" in ast.unparse(node.func.value).lower()
            ):
                assert name.startswith("providers/"), name


def test_only_the_session_makes_the_rules():
    makers = [
        name
        for name, nodes in _modules()
        for node in nodes
        if isinstance(node, ast.Call) and ast.unparse(node.func).split(".")[-1] == Writer.__name__
    ]
    assert set(makers) == {"services/session_factory.py"}


async def test_a_provider_hears_of_nothing_but_what_was_agreed_to():
    """Whatever is refused, in whichever way, the provider's own record stays empty."""
    seen = owned()
    plans = [
        plan_retarget(ACCOUNT, INFO, seen, phone("+442079460000")),
        plan_buy(ACCOUNT, INFO, available(), None),
        plan_release(ACCOUNT, INFO, seen),
    ]
    provider = FakeProvider({NUMBER: seen})
    for plan in plans:
        assert (await session(provider).apply(plan, Consent())).outcome == "refused"
        writer = session(provider, read_only=True)
        agreed = Consent(given=True, released=frozenset({NUMBER}))
        assert (await writer.apply(plan, agreed)).outcome == "refused"
    assert provider.sent == []
    for plan in plans:
        provider.numbers[NUMBER] = seen
        await session(provider).apply(plan, agreed)
    assert [what for what, _ in provider.sent] == ["update", "buy", "release"]
