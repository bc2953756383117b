"""What is loaded before there is something on the screen."""

import os
import subprocess
import sys
import textwrap

HEAVY = ("httpx", "keyring", "phonenumbers.geocoder", "starlette", "uvicorn")


def run(program: str) -> list[str]:
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(program)],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | {"TUI_NUMBERS_SECRET_DESK": "pin"},
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


def test_importing_the_dashboard_loads_nothing_heavy():
    loaded = run("import sys, tui_numbers.ui.app; print(*sys.modules)")
    assert not set(HEAVY) & set(loaded)


def test_importing_the_dashboard_loads_no_listing_no_write_and_no_dialog():
    loaded = run("import sys, tui_numbers.ui.app; print(*sys.modules)")
    later = (
        "tui_numbers.domain.operations",
        "tui_numbers.domain.query",
        "tui_numbers.services.inventory",
        "tui_numbers.storage.sqlite_journal",
        "tui_numbers.ui.dialogs.dialog",
    )
    assert not set(later) & set(loaded)


def test_the_first_frame_waits_for_nothing_heavy(tmp_path):
    config = tmp_path / "config.toml"
    config.write_text(
        '[accounts.desk]\nprovider = "vonage"\napi_key = "a1b2c3d4"\n'
        'base_url = "http://127.0.0.1:9/vonage"\n'
    )
    loaded = run(
        f"""
        import asyncio, os, pathlib, shutil, sys
        from tui_numbers.services.paths import Paths
        from tui_numbers.services.session import open_session
        from tui_numbers.ui.app import Dashboard
        target = Paths.of_user().config_file
        target.parent.mkdir(parents=True)
        shutil.copy({str(config)!r}, target)
        frames = []

        class Watched(Dashboard):
            def _display(self, screen, renderable):
                super()._display(screen, renderable)
                if type(screen).__name__ == "MainScreen" and not frames:
                    frames.append(list(sys.modules))

        async def main():
            session = open_session()
            app = Watched(session)
            async with app.run_test() as pilot:
                while not frames:
                    await pilot.pause()
            await session.aclose()
            print(*frames[0])

        asyncio.run(main())
        """
    )
    assert "textual.app" in loaded
    assert not set(HEAVY) & set(loaded)
