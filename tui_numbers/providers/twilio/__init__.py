"""The Twilio plug-in, by its API of 2010-04-01 and the hosts beside it."""

from tui_numbers.providers.contract import Api, Plugin, Provider
from tui_numbers.providers.twilio.info import INFO


def connect(api: Api) -> Provider:
    """Return a client of one Twilio account or subaccount; performs no I/O.

    Raises:
        ConfigurationProblem: Its address cannot be used, or account_sid is missing.
    """
    from tui_numbers.providers.twilio.client import Twilio

    return Twilio(api)


PLUGIN = Plugin(INFO, connect)

__all__ = ["PLUGIN"]
