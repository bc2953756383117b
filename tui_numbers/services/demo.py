"""The demo: the real clients on an emulation of the three providers, inside this process."""

import os
from collections.abc import Mapping

from tui_numbers.domain.secret import Secret
from tui_numbers.providers.contract import Plugin
from tui_numbers.providers.http import Http
from tui_numbers.providers.pacing import OnWaiting, Timing
from tui_numbers.services.secrets import Secrets
from tui_numbers.services.workspace import Workspace

_ORIGIN = "http://127.0.0.1:8470"
"""Nothing listens there for the demo; requests never leave the process."""

DEMO_NUMBERS = 1_248


def demo_workspace(
    plugins: Mapping[str, Plugin],
    numbers: int = DEMO_NUMBERS,
    *,
    on_waiting: OnWaiting = lambda waiting: None,
    timing: Timing | None = None,
) -> Workspace:
    """Return a workspace over a fresh emulated world of ``numbers`` owned numbers."""
    from tui_numbers.providers.transport import in_process
    from tui_numbers.sandbox.accounts import ACCOUNTS
    from tui_numbers.sandbox.app import Sandbox
    from tui_numbers.sandbox.faults import ConnectionDropped, Faults
    from tui_numbers.sandbox.world import build_world

    sandbox = Sandbox(build_world(numbers), Faults.from_environment(os.environ))
    secrets = Secrets(environment={})
    accounts = []
    for emulated in ACCOUNTS:
        if emulated.provider not in plugins:
            continue
        account = emulated.at(_ORIGIN)
        secrets.hold(account, Secret(emulated.secret))
        accounts.append(account)
    return Workspace(
        accounts=tuple(accounts),
        plugins=plugins,
        secrets=secrets,
        http=Http(
            transport=in_process(sandbox, ConnectionDropped),
            timing=timing or Timing(),
            on_waiting=on_waiting,
        ),
        demo=True,
    )
