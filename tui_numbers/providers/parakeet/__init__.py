"""The Parakeet plug-in, by its public documents: "Getting Started", "Numbers" and the others."""

from tui_numbers.providers.contract import Api, Plugin, Provider
from tui_numbers.providers.parakeet.info import INFO


def connect(api: Api) -> Provider:
    """Return a client of one Parakeet account; performs no I/O.

    Raises:
        ConfigurationProblem: Its address cannot be used, or account_id is missing.
    """
    from tui_numbers.providers.parakeet.client import Parakeet

    return Parakeet(api)


PLUGIN = Plugin(INFO, connect)

__all__ = ["PLUGIN"]
