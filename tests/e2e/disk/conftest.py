from tests.e2e.writes.conftest import served

__all__ = ["served"]
