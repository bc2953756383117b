"""The Telnyx plug-in, by the OpenAPI document of its API v2."""

from tui_numbers.providers.contract import Api, Plugin, Provider
from tui_numbers.providers.telnyx.info import INFO


def connect(api: Api) -> Provider:
    """Return a client of one Telnyx account; performs no I/O.

    Raises:
        ConfigurationProblem: Its address or its key cannot be used.
    """
    from tui_numbers.providers.telnyx.client import Telnyx

    return Telnyx(api)


PLUGIN = Plugin(INFO, connect)

__all__ = ["PLUGIN"]
