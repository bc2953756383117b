"""What loading the HTTP library leaves of other packages' modules."""

import subprocess
import sys

CODE = """
import asyncio, sys
from tui_numbers.providers import transport
import httpx, httpcore
try:
    import sniffio
except ImportError as error:
    print(type(error).__name__)
else:
    print(sniffio.current_async_library())
try:
    httpx.main()
except SystemExit:
    pass
print("rich" in sys.modules, "click" in sys.modules)
async def ask():
    async with httpx.AsyncClient() as client:
        await client.get("http://127.0.0.1:1/")
try:
    asyncio.run(ask())
except httpx.ConnectError:
    print("httpx works")
"""
FAKE = "def current_async_library():\n    return 'asyncio'\n"


def told(path):
    done = subprocess.run(
        [sys.executable, "-c", CODE],
        check=False,
        env={"PYTHONPATH": str(path)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def test_what_is_not_there_is_missing_as_it_was(tmp_path):
    first, *said, loaded, works = told(tmp_path)
    assert (first, loaded, works) == ("ModuleNotFoundError", "False False", "httpx works")
    # Its own command line, which would load much, says that it is not there.
    assert "command line client could not run" in said[0]


def test_a_package_that_is_there_is_left_alone(tmp_path):
    (tmp_path / "sniffio.py").write_text(FAKE)
    first, *_, works = told(tmp_path)
    assert (first, works) == ("asyncio", "httpx works")
