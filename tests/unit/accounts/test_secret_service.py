"""A real Secret Service; skipped, and said so, where gnome-keyring or D-Bus is not installed."""

ROUND_TRIP = """
import asyncio, os
from tui_numbers.domain.accounts import Secret
from tui_numbers.services.keyring import KeyringProblem
from tui_numbers.services.keyring import Keyring
async def main():
    ring = Keyring()
    try:
        print(await ring.read("uk-sms"))
        await ring.write("uk-sms", Secret("s3cr3t-väl"))
        other = Keyring()
        print(other.title, (await other.read("uk-sms")).reveal() == "s3cr3t-väl", other.title)
        print(await other.erase("uk-sms"), await Keyring().read("uk-sms"))
    except KeyringProblem as problem:
        print(problem.trouble)
asyncio.run(main())
"""
READ = """
import asyncio
from tui_numbers.services.keyring import Keyring
from tui_numbers.services.keyring import KeyringProblem
try:
    print(asyncio.run(Keyring().read("uk-sms")))
except KeyringProblem as problem:
    print(problem.trouble)
    print(problem.remedy)
"""


def _python(script):
    return f"$PYTHON -X utf8 - <<'END'\n{script}\nEND\n"


def test_round_trip(desktop):
    done = desktop.shell(desktop.UNLOCKED + _python(ROUND_TRIP))
    assert done.stdout.splitlines() == [
        "None",
        "None True Secret Service",
        "True None",
    ], done.stderr


def test_an_entry_can_be_read_by_others_that_know_its_names(desktop):
    script = ROUND_TRIP.replace("print(await other.erase", "0 and print(await other.erase")
    other = """
import keyring.backends.SecretService as service
print(service.Keyring().get_password("tui-numbers", "uk-sms"))
"""
    done = desktop.shell(desktop.UNLOCKED + _python(script) + _python(other))
    assert done.stdout.splitlines()[-1] == "s3cr3t-väl", done.stderr


def test_a_locked_keyring_is_said_to_be_and_its_remedy_works(desktop):
    desktop.shell(desktop.UNLOCKED + _python(ROUND_TRIP))
    done = desktop.shell(_python(READ))
    word, remedy = done.stdout.splitlines()
    assert word == "locked", done.stderr
    assert remedy.startswith("unlock it: read -rsp")
    unlock = remedy.removeprefix("unlock it: ").replace(
        "read -rsp 'Keyring password: ' p", 'p="$PW"'
    )
    done = desktop.shell(_python(READ) + f"({unlock}) >/dev/null\n" + _python(READ))
    assert done.stdout.splitlines()[-1] == "None", done.stderr


def test_a_keyring_of_which_none_exists_yet_is_locked_not_broken(desktop):
    assert desktop.shell(_python(READ)).stdout.splitlines()[0] == "locked"


def test_a_prompt_that_fails_on_a_desktop_counts_as_denied(desktop):
    desktop.shell(desktop.UNLOCKED + _python(ROUND_TRIP))
    done = desktop.shell(_python(READ), DISPLAY=":99")
    assert done.stdout.splitlines()[0] == "denied", done.stderr


def test_a_bus_without_a_secret_service_is_no_keyring(desktop):
    no_services = desktop.home / "bus.conf"
    no_services.write_text(
        '<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN" '
        '"http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd"><busconfig>'
        f"<type>session</type><listen>unix:path={desktop.runtime}/own</listen>"
        '<policy context="default"><allow send_destination="*" eavesdrop="true"/>'
        '<allow eavesdrop="true"/>'
        '<allow own="*"/></policy></busconfig>'
    )
    script = (
        f"dbus-daemon --config-file={no_services} --fork --print-pid >pid; "
        f"export DBUS_SESSION_BUS_ADDRESS=unix:path={desktop.runtime}/own; {_python(READ)}"
        'kill "$(cat pid)"\n'
    )
    done = desktop.shell(f"cd {desktop.home}; {script}")
    assert done.stdout.splitlines()[0] == "no keyring", done.stderr


def test_a_bus_that_takes_connections_and_never_answers_times_out(desktop):
    script = """
import asyncio, os, socket, time
from tui_numbers.services.keyring import KeyringProblem
from tui_numbers.services.keyring import Keyring
server = socket.socket(socket.AF_UNIX)
server.bind("silent")
server.listen()
os.environ["DBUS_SESSION_BUS_ADDRESS"] = "unix:path=" + os.path.abspath("silent")
async def main():
    ring = Keyring(seconds=0.8)
    started = time.monotonic()
    for name in "abc":
        try:
            await ring.read(name)
        except KeyringProblem as problem:
            print(problem.trouble)
    print(time.monotonic() - started < 1.6)
asyncio.run(main())
"""
    done = desktop.shell(f"cd {desktop.home}; {_python(script)}")
    assert done.stdout.splitlines() == ["timed out"] * 3 + ["True"], done.stderr


def test_the_shell_of_the_recipe_has_an_open_keyring(desktop):
    from tui_numbers.services.keyring import HEADLESS_RECIPE

    recipe = HEADLESS_RECIPE.replace('read -rsp "Keyring password: " p; echo;', 'p="$PW";')
    assert recipe != HEADLESS_RECIPE
    recipe = recipe.replace("exec bash'", 'exec bash "$INNER"\'')
    inner = desktop.home / "inner"
    inner.write_text(_python(ROUND_TRIP))
    done = desktop.shell(recipe, INNER=str(inner))
    assert done.stdout.splitlines()[-1] == "True None", done.stderr
