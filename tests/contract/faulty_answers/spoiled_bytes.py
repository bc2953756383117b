"""Answers that are wrong as bytes: packed, framed, cut or written otherwise than they say."""

import gzip
import zlib
from collections.abc import Callable, Iterator
from dataclasses import replace

from tests.contract.faulty_answers.loopback import Asked, Bytes, Told

Spoil = Callable[[Asked, Told], Bytes]

MEGABYTE = 1024 * 1024


def with_body(told: Told, body: bytes, **headers: str) -> Told:
    changed = {name.replace("_", "-"): value for name, value in headers.items()}
    kept = tuple(pair for pair in told.headers if pair[0] not in changed)
    return replace(told, status=200, headers=(*kept, *changed.items()), body=body)


def said(body: bytes, **headers: str) -> Spoil:
    return lambda asked, told: with_body(told, body, **headers).raw()


def made(change: Callable[[bytes], bytes], **headers: str) -> Spoil:
    return lambda asked, told: with_body(told, change(told.body or b"{}"), **headers).raw()


def raw(text: bytes) -> Spoil:
    return lambda asked, told: text


def bomb(size: int = 1024 * MEGABYTE) -> bytes:
    """Return so many zero bytes as gzip has them, a thousandth of their size."""
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    first = packer.compress(bytes(MEGABYTE)) + packer.flush(zlib.Z_FULL_FLUSH)
    block = packer.compress(bytes(MEGABYTE)) + packer.flush(zlib.Z_FULL_FLUSH)
    return first + block * (size // MEGABYTE - 1)


def bare_deflate(body: bytes) -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    return packer.compress(body) + packer.flush()


def forever(start: bytes, piece: bytes) -> Spoil:
    def endless(asked: Asked, told: Told) -> Iterator[bytes]:
        yield start
        while True:
            yield piece

    return endless


def _chunks(body: bytes, size: int) -> Iterator[bytes]:
    for first in range(0, len(body), size):
        piece = body[first : first + size]
        yield b"%x\r\n%b\r\n" % (len(piece), piece)


HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n"
CHUNKED = HEAD + b"transfer-encoding: chunked\r\n\r\n"

HARMLESS: dict[str, Spoil] = {
    "called HTML": made(lambda body: body, content_type="text/html"),
    "called nothing": made(lambda body: body, content_type=""),
    "another charset": made(lambda body: body, content_type="application/json; charset=utf-16"),
    "gzip": made(gzip.compress, content_encoding="gzip"),
    "x-gzip in capitals": made(gzip.compress, content_encoding="X-GZIP"),
    "deflate": made(zlib.compress, content_encoding="deflate"),
    "bare deflate": made(bare_deflate, content_encoding="deflate"),
    "identity": made(lambda body: body, content_encoding="identity"),
    "spaces around": made(lambda body: b" \r\n\t" + body + b"\n" * 99),
    "byte order mark": made(lambda body: b"\xef\xbb\xbf" + body),
    "small chunks": lambda asked, told: told.chunked(*_chunks(told.body, 9)),
    "odd phrase": lambda asked, told: told.raw().replace(b"OK", b"\xff" * 9, 1),
    "unknown headers": made(
        lambda body: body,
        date="Sun, 06 Nov 99999999999 08:49:37 +99999999999999999999",
        retry_after="9" * 400,
        x_ratelimit_remaining="-1e999",
        x_ratelimit_reset="nan",
        set_cookie="a=b; Domain=.example",
        strict_transport_security="max-age=nan",
        alt_svc='h3="evil.example:443"',
        refresh="0; url=https://evil.example",
    ),
}
"""Odd, and read all the same."""

UNREADABLE: dict[str, Spoil] = {
    "empty": said(b""),
    "blank": said(b" \r\n "),
    "html": said(
        b"<!doctype html><html><body>Welcome to our hotel</body>", content_type="text/html"
    ),
    "half": made(lambda body: body[: len(body) // 2]),
    "not utf-8": made(lambda body: b'["\xff\xfe"' + body),
    "utf-16": made(lambda body: body.decode().encode("utf-16")),
    "nul": made(lambda body: body + b"\0"),
    "two values": made(lambda body: body + b"[]"),
    "nan": said(b"NaN"),
    "deep": said(b"[" * 100_000 + b"]" * 100_000),
    "python's own limit of digits": said(b"[" + b"9" * 5_000 + b"]"),
    "gzip lie": made(lambda body: body, content_encoding="gzip"),
    "deflate lie": made(lambda body: b"\x78\x9c" + body, content_encoding="deflate"),
    "br": made(lambda body: b"\x8b\x02\x80" + body + b"\x03", content_encoding="br"),
    "zstd": made(lambda body: b"\x28\xb5\x2f\xfd" + body, content_encoding="zstd"),
    "gzip twice": made(
        lambda body: gzip.compress(gzip.compress(body)), content_encoding="gzip, gzip"
    ),
    "half gzip": made(lambda body: gzip.compress(body)[:-9], content_encoding="gzip"),
    "bomb of bombs": said(
        gzip.compress(gzip.compress(bomb(64 * MEGABYTE))), content_encoding="gzip,gzip,gzip"
    ),
    "too short": lambda asked, told: with_body(told, told.body or b"{}").raw(
        length=len(told.body) + 99
    ),
    "too long": lambda asked, told: with_body(told, told.body + b"]]").raw(length=1),
    "no length at all": raw(HEAD + b"\r\n"),
    "negative length": raw(HEAD + b"content-length: -5\r\n\r\nx"),
    "two lengths": raw(HEAD + b"content-length: 2\r\ncontent-length: 3\r\n\r\nx "),
    "a length beyond counting": raw(HEAD + b"content-length: " + b"9" * 400 + b"\r\n\r\nx"),
    "chunks of garbage": raw(CHUNKED + b"zz\r\nx\r\n0\r\n\r\n"),
    "a chunk beyond counting": raw(CHUNKED + b"f" * 400 + b"\r\nx"),
    "chunks without an end": raw(CHUNKED + b"2\r\n{}\r\n"),
    "no http": raw(b"SSH-2.0-OpenSSH_9.2\r\n\r\n"),
    "http of another kind": raw(b"HTTP/3.0 200 OK\r\n\r\nx"),
    "no status": raw(b"HTTP/1.1 \r\n\r\nx"),
    "hung up": raw(b""),
    "a header without a colon": raw(HEAD + b"nonsense\r\n\r\nx"),
    "a header of nuls": raw(HEAD + b"x: \0\0\r\n\r\nx"),
    "headers beyond reason": raw(HEAD + b"x: " + b"y" * 300_000 + b"\r\n\r\nx"),
    "headers without end": forever(HEAD, b"x: y\r\n" * 1000),
}
"""Nothing that could be taken for an answer."""

HEAVY: dict[str, Spoil] = {
    "crowded": said(b"[" + b"{}," * 2_000_000 + b"{}]"),
    "bomb": said(bomb(64 * MEGABYTE), content_encoding="gzip"),
    "a body without end": forever(HEAD + b"\r\n", b" " * MEGABYTE),
    "packed without end": forever(
        HEAD + b"content-encoding: gzip\r\n\r\n" + bomb(MEGABYTE), gzip.compress(bytes(9))
    ),
    "deep objects": said(b'{"numbers":' * 100_000 + b"1" + b"}" * 100_000),
}
"""As little of an answer, and much of everything."""
