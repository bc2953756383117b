"""The Vonage (Nexmo) plug-in: Numbers API, applications as targets, prepaid balance."""

from tui_numbers.providers.contract import Api, Plugin, Provider
from tui_numbers.providers.vonage.info import INFO


def connect(api: Api) -> Provider:
    """Return a client of one Vonage account; performs no I/O.

    Raises:
        ConfigurationProblem: One of its two addresses cannot be used.
    """
    from tui_numbers.providers.vonage.client import Vonage

    return Vonage(api)


PLUGIN = Plugin(INFO, connect)

__all__ = ["PLUGIN"]
