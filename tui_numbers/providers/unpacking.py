"""A body as it comes off the wire, unpacked within bounds."""

import zlib
from collections.abc import AsyncIterable, AsyncIterator

from tui_numbers.providers import limits

ACCEPTED = "gzip, deflate"
"""The packings that are asked for; others expand without a bound that could be kept."""

_WINDOWS = {"gzip": 31, "x-gzip": 31, "deflate": 15}
_BARE_DEFLATE = -15


class CannotUnpack(Exception):
    """The body is not packed as it says, or in a way that was not asked for; the text says how."""


class TooLarge(Exception):
    """An answer beyond any that the providers' page sizes could need."""


async def unpacked(chunks: AsyncIterable[bytes], encoding: str) -> bytes:
    """Return the whole body; ``encoding`` is its ``Content-Encoding``.

    Raises:
        CannotUnpack: It is not packed in one of the ways that were asked for.
        TooLarge: It grows beyond any honest answer; no more than that is unpacked of it.
    """
    chunks = _few(chunks)
    names = [name for part in encoding.lower().split(",") if (name := part.strip())]
    names = [name for name in names if name != "identity"]
    if not names:
        return await _plain(chunks)
    if len(names) > 1 or names[0] not in _WINDOWS:
        raise CannotUnpack("packed in a way that was not asked for")
    return await _inflated(chunks, _WINDOWS[names[0]])


async def _few(chunks: AsyncIterable[bytes]) -> AsyncIterator[bytes]:
    pieces = 0
    async for chunk in chunks:
        pieces += 1
        if pieces > limits.MOST_PIECES:
            raise TooLarge
        yield chunk


async def _plain(chunks: AsyncIterable[bytes]) -> bytes:
    body = bytearray()
    async for chunk in chunks:
        body += chunk
        if len(body) > limits.LARGEST_BODY:
            raise TooLarge
    return bytes(body)


async def _inflated(chunks: AsyncIterable[bytes], window: int) -> bytes:
    inflater = zlib.decompressobj(window)
    body, begun = bytearray(), False
    try:
        async for chunk in chunks:
            if not begun and window == _WINDOWS["deflate"] and not _has_zlib_header(chunk):
                inflater = zlib.decompressobj(_BARE_DEFLATE)
            begun = True
            left = chunk
            while left and not inflater.eof:
                body += inflater.decompress(left, limits.LARGEST_BODY + 1 - len(body))
                if len(body) > limits.LARGEST_BODY:
                    raise TooLarge
                left = inflater.unconsumed_tail
        body += inflater.flush()
    except zlib.error:
        raise CannotUnpack("not packed as it says") from None
    if begun and not inflater.eof:
        raise CannotUnpack("packed, and its end is missing")
    return bytes(body)


def _has_zlib_header(chunk: bytes) -> bool:
    """Tell whether deflated data begins as RFC 1950 has it; some servers leave that out."""
    return len(chunk) > 1 and chunk[0] & 0x0F == 8 and (chunk[0] << 8 | chunk[1]) % 31 == 0
