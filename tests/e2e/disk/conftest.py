from tests.e2e.writes.conftest import _served, served

__all__ = ["_served", "served"]
