"""Parakeet, as its public documents have it: "Getting Started", "Numbers" and the others."""

from tui_numbers.providers.contract import Plugin
from tui_numbers.providers.parakeet.client import Parakeet
from tui_numbers.providers.parakeet.info import INFO

__all__ = ["INFO", "PLUGIN", "Parakeet"]

PLUGIN = Plugin(INFO, Parakeet)
