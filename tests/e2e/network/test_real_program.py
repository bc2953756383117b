"""The program as a process of its own, over the same line."""

import os
import subprocess
import sys

from tests.e2e.network.line import ACCOUNT, TO, UK, Ran
from tests.e2e.network.screens import BY_NAME


def process(*words):
    done = subprocess.run(
        [sys.executable, "-m", "tui_numbers", "--account", ACCOUNT, *words],
        capture_output=True,
        text=True,
        env=os.environ,
        stdin=subprocess.DEVNULL,
        timeout=60,
        check=False,
    )
    return Ran(done.returncode, done.stdout, done.stderr, 0)


def test_a_refused_connection_is_one_line(line):
    with BY_NAME["connection refused"].on(line):
        ran = process("list")
    assert (ran.code, ran.json) == (1, [])
    assert "connection refused" in ran.err
    assert len(ran.err.splitlines()) == 1


def test_a_wrong_certificate_is_one_line_and_the_right_one_works(secure):
    with BY_NAME["TLS: wrong host certificate"].on(secure):
        ran = process("list")
    assert (ran.code, len(ran.err.splitlines())) == (1, 1)
    assert "not trusted (Hostname mismatch" in ran.err
    assert process("list").code == 0


def test_a_write_whose_answer_is_lost_is_sent_once_and_read_back(line):
    with BY_NAME["reset before the answer"].on(line, first=4, times=1):
        ran = process("retarget", UK, "--to", TO, "--yes")
    assert (ran.code, ran.json[0]["outcome"]) == (0, "verified")
    assert line.made == ["update"]
    assert [passed.method for passed in line.proxy.passed].count("POST") == 1
