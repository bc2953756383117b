"""A terminal dashboard and command line for phone numbers held at several providers."""

__version__ = "0.2.0.dev0"
