"""Fone Dynamics, as the public pages of its REST API v2 have it: "Get Numbers" and the others."""

from tui_numbers.providers.contract import Plugin
from tui_numbers.providers.fonedynamics.client import FoneDynamics
from tui_numbers.providers.fonedynamics.info import INFO

__all__ = ["INFO", "PLUGIN", "FoneDynamics"]

PLUGIN = Plugin(INFO, FoneDynamics)
