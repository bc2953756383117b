import os
import platform
import time
import uuid
from dataclasses import replace

import pytest

from tests.support.keyrings import ACCOUNT
from tui_numbers.domain.accounts import Secret
from tui_numbers.services.kernel_keyring import KernelKeyring
from tui_numbers.services.secrets import KERNEL, Secrets

CACHED = replace(ACCOUNT, session_cache_seconds=60)
SECRET = Secret("s3cr3t-väl")


@pytest.fixture
def kernel():
    kernel = KernelKeyring(f"tui-numbers-test-{uuid.uuid4().hex}:")
    if not kernel.available():
        pytest.skip("the kernel keeps no keys for this process here")
    yield kernel
    kernel.erase("uk-sms")


def test_a_secret_is_kept_replaced_and_let_go(kernel):
    assert kernel.read("uk-sms") is None
    assert kernel.write("uk-sms", SECRET, 60)
    assert kernel.read("uk-sms") == SECRET
    assert kernel.write("uk-sms", Secret("other"), 60)
    assert kernel.read("uk-sms") == Secret("other")
    assert kernel.erase("uk-sms")
    assert not kernel.erase("uk-sms")
    assert kernel.read("uk-sms") is None


def test_it_runs_out(kernel):
    assert kernel.write("uk-sms", SECRET, 1)
    deadline = time.monotonic() + 10
    while kernel.read("uk-sms") is not None and time.monotonic() < deadline:
        time.sleep(0.1)
    assert kernel.read("uk-sms") is None


def test_another_process_of_the_user_finds_it(kernel):
    assert kernel.write("uk-sms", SECRET, 60)
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        found = KernelKeyring(kernel._prefix).read("uk-sms")
        os.write(writer, b"found" if found == SECRET else b"lost")
        os._exit(0)
    os.waitpid(child, 0)
    assert os.read(reader, 10) == b"found"
    os.close(reader)
    os.close(writer)


def test_too_much_is_not_kept(kernel):
    assert not kernel.write("uk-sms", Secret("x" * 40_000), 60)


def test_an_unknown_machine_keeps_nothing(monkeypatch):
    monkeypatch.setattr(platform, "machine", lambda: "pdp11")
    kernel = KernelKeyring()
    assert not kernel.available()
    assert not kernel.write("uk-sms", SECRET, 60)
    assert kernel.read("uk-sms") is None
    assert not kernel.erase("uk-sms")


def test_blocked_system_calls_keep_nothing(kernel, monkeypatch):
    monkeypatch.setattr(kernel, "_ask", lambda *arguments: -1)
    assert not kernel.available()
    assert not kernel.write("uk-sms", SECRET, 60)
    assert kernel.read("uk-sms") is None


async def test_a_typed_secret_is_kept_only_once_it_worked(kernel):
    secrets = Secrets(environment={}, kernel=kernel)
    secrets.hold(CACHED, SECRET)
    assert kernel.read("uk-sms") is None
    secrets.learn(CACHED, works=True)
    assert await Secrets(environment={}, kernel=kernel).find(CACHED) == SECRET
    later = Secrets(environment={}, kernel=kernel)
    assert await later.expected(CACHED) == KERNEL
    await later.find(CACHED)
    later.learn(CACHED, works=False)
    assert kernel.read("uk-sms") is None


async def test_without_session_cache_nothing_is_kept(kernel):
    secrets = Secrets(environment={}, kernel=kernel)
    secrets.hold(ACCOUNT, SECRET)
    secrets.learn(ACCOUNT, works=True)
    assert kernel.read("uk-sms") is None
