"""Cache typed secrets in the Linux kernel keyring: per user, for some hours, never on disk.

It makes two system calls directly. Elsewhere, and where they are blocked, nothing is cached.
"""

import contextlib
import ctypes
import os
import platform
import sys
from typing import Final

from tui_numbers.domain.accounts import Secret

_PREFIX: Final = "tui-numbers:"
_LONGEST: Final = 32_767

_NUMBERS: Final = {
    "x86_64": (248, 250),
    "aarch64": (217, 219),
    "riscv64": (217, 219),
    "loongarch64": (217, 219),
    "i386": (286, 288),
    "i686": (286, 288),
    "armv6l": (309, 311),
    "armv7l": (309, 311),
    "ppc64le": (269, 271),
    "s390x": (278, 280),
}
"""The numbers of add_key and keyctl, by machine."""

_PROCESS_KEYRING: Final = -2
_USER_KEYRING: Final = -4
_LINK, _UNLINK, _SEARCH, _READ, _SET_TIMEOUT = 8, 9, 10, 11, 15


class KernelKeyring:
    """The user's keyring in the kernel; every method does nothing where there is none."""

    def __init__(self, prefix: str = _PREFIX) -> None:
        self._prefix = prefix
        self._add_key, self._keyctl = _numbers()
        self._libc = ctypes.CDLL(None) if self._add_key else None
        if self._libc is not None:
            self._libc.syscall.restype = ctypes.c_long

    def available(self) -> bool:
        """Whether the kernel keeps secrets for this process."""
        return self._ask(_LINK, _USER_KEYRING, _PROCESS_KEYRING) == 0

    def write(self, name: str, secret: Secret, seconds: int) -> bool:
        """Store a secret with a timeout; tell whether it is stored."""
        value = secret.reveal().encode(errors="surrogateescape")
        if len(value) > _LONGEST or not self.available():
            return False
        assert self._libc is not None
        key: int = self._libc.syscall(
            ctypes.c_long(self._add_key),
            ctypes.c_char_p(b"user"),
            ctypes.c_char_p(self._label(name)),
            ctypes.c_char_p(value),
            ctypes.c_size_t(len(value)),
            ctypes.c_long(_USER_KEYRING),
        )
        if key < 0:
            return False
        if self._ask(_SET_TIMEOUT, key, seconds) == 0:
            return True
        self._ask(_UNLINK, key, _USER_KEYRING)
        return False

    def read(self, name: str) -> Secret | None:
        """Return a secret that is stored and has not expired."""
        key = self._find(name)
        if key is None:
            return None
        buffer = ctypes.create_string_buffer(_LONGEST)
        try:
            length = self._ask(_READ, key, buffer, _LONGEST)
            if 0 < length <= _LONGEST:
                with contextlib.suppress(UnicodeDecodeError):
                    return Secret(buffer.raw[:length].decode())
        finally:
            ctypes.memset(buffer, 0, _LONGEST)
        return None

    def erase(self, name: str) -> bool:
        """Remove a secret; tell whether there was one."""
        key = self._find(name)
        return key is not None and self._ask(_UNLINK, key, _USER_KEYRING) == 0

    def _find(self, name: str) -> int | None:
        # Without this link a process that PAM did not set up may list its user's keys, not read.
        if not self.available():
            return None
        key = self._ask(_SEARCH, _USER_KEYRING, b"user", self._label(name), 0)
        return key if key > 0 else None

    def _label(self, name: str) -> bytes:
        return f"{self._prefix}{name}".encode()

    def _ask(self, operation: int, *arguments: object) -> int:
        if self._libc is None:
            return -1
        converted = [
            ctypes.c_long(argument) if isinstance(argument, int) else argument
            for argument in arguments
        ]
        answer: int = self._libc.syscall(
            ctypes.c_long(self._keyctl), ctypes.c_long(operation), *converted
        )
        return answer


def _numbers() -> tuple[int, int]:
    machine = platform.machine()
    emulated = machine == "x86_64" and sys.maxsize <= 2**32
    if not sys.platform.startswith("linux") or emulated or os.name != "posix":
        return 0, 0
    return _NUMBERS.get(machine, (0, 0))
