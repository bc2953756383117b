import os
import signal
import socket
import subprocess
import sys

import httpx
import pytest

from tui_numbers.sandbox.accounts import ACCOUNTS, VONAGE_API_KEY, VONAGE_API_SECRET
from tui_numbers.sandbox.app import Sandbox, build_world
from tui_numbers.sandbox.faults import Fault
from tui_numbers.sandbox.server import background, serve
from tui_numbers.sandbox.vonage_numbers import SUPPORT_MOBILE

AUTH = (VONAGE_API_KEY, VONAGE_API_SECRET)
FORM = {"country": "GB", "msisdn": SUPPORT_MOBILE[1:], "moSmppSysType": "x"}


def test_a_whole_day_over_a_port():
    sandbox = Sandbox(build_world(60))
    with background(sandbox) as origin, httpx.Client(base_url=origin, auth=AUTH) as client:
        assert client.get("/vonage/account/get-balance").json()["value"] == 187.45
        for account in ACCOUNTS:
            assert client.get(f"{account.base_path}/nothing").status_code == 404
        assert client.get("/").status_code == 404
        record = sandbox.world.vonage.numbers
        sandbox.faults.add(Fault("vonage", "update", "reset-before", times=1))
        with pytest.raises(httpx.TransportError):
            client.post("/vonage/number/update", data=FORM)
        assert record.get(FORM["msisdn"]).smpp_system_type is None
        sandbox.faults.add(Fault("vonage", "update", "reset-after", times=1))
        with pytest.raises(httpx.TransportError):
            client.post("/vonage/number/update", data=FORM)
        assert record.get(FORM["msisdn"]).smpp_system_type == "x"
        sandbox.faults.add(Fault("vonage", "check", "truncated", times=1))
        with pytest.raises(httpx.RemoteProtocolError, match="body"):
            client.get("/vonage/account/get-balance")
        with client.stream("GET", "/vonage/account/get-balance") as answer:
            assert answer.read()


def test_control_over_the_port():
    with (
        background(Sandbox(build_world(60))) as origin,
        httpx.Client(base_url=origin, auth=AUTH) as client,
    ):
        answer = client.post("/sandbox/faults", content="vonage:check:503:times=2\n# later\n")
        assert answer.text == "1 more, 1 in force\n"
        assert client.get("/vonage/account/get-balance").status_code == 503
        assert client.delete("/sandbox/faults").status_code == 204
        assert client.get("/vonage/account/get-balance").status_code == 200
        assert client.get("/sandbox/requests").json() == {"vonage": {"check": 2}}
        wrong = client.post("/sandbox/faults", content="*:*:melt")
        assert (wrong.status_code, "unknown kind" in wrong.text) == (400, True)
        assert client.post("/sandbox/faults", content=b"\xff").status_code == 400
        assert client.get("/sandbox/faults").status_code == 405


def test_a_busy_port_is_named():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(OSError, match=f"cannot listen on 127.0.0.1:{port}"):
            serve(Sandbox(build_world(60)), port)
    with pytest.raises(OSError, match="not a port"):
        serve(Sandbox(build_world(60)), 70_000)


@pytest.mark.skipif(sys.platform == "win32", reason="signals are sent in another way")
@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.slow_after(1)
def test_signals_end_it_cleanly(ending):
    code = (
        "from tui_numbers.sandbox.app import Sandbox\n"
        "from tui_numbers.sandbox.server import serve\n"
        "from tui_numbers.sandbox.app import build_world\n"
        "serve(Sandbox(build_world(60)), 0, lambda origin: print(origin, flush=True))\n"
        "print('done')\n"
    )
    with subprocess.Popen(
        [sys.executable, "-W", "error", "-c", code],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        origin = process.stdout.readline().strip()
        with httpx.Client(base_url=origin) as client:
            assert client.get("/vonage/account/numbers").status_code == 401
            os.kill(process.pid, ending)
            out, errors = process.communicate(timeout=10)
    assert (process.returncode, out, errors) == (0, "done\n", "")
