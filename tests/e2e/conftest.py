from tests.support.served import _sandbox, served

__all__ = ["_sandbox", "served"]
