"""The Fone Dynamics plug-in, by the pages of its REST API v2: "Get Numbers" and the others."""

from tui_numbers.providers.contract import Api, Plugin, Provider
from tui_numbers.providers.fonedynamics.info import INFO


def connect(api: Api) -> Provider:
    """Return a client of one Fone Dynamics account; performs no I/O.

    Raises:
        ConfigurationProblem: Its address cannot be used, or account_sid is missing.
    """
    from tui_numbers.providers.fonedynamics.client import FoneDynamics

    return FoneDynamics(api)


PLUGIN = Plugin(INFO, connect)

__all__ = ["PLUGIN"]
