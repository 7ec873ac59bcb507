"""The legacy site of the drill: python -m loadtests.drain_drill.site

Answers with 1 KB, at once or after a while, with a stream, and to uploads of any framing with what
came. Keeps connections for as long as the proxy does. Its port is an event on standard error.
"""

import asyncio
import hashlib
import json
import sys

PAGE = b"<li>Python 3.12.0 - Oct. 2, 2023</li>\n" * 27
PIECES = 8
SLOW_SECONDS = 0.2
PIECE_SECONDS = 0.02


async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while True:
            line, *fields = (await reader.readuntil(b"\r\n\r\n")).lower().split(b"\r\n")
            body = await read_body(reader, fields)
            await answer(writer, line.split()[1], body)
    except (ConnectionError, asyncio.IncompleteReadError):
        writer.close()


async def read_body(reader: asyncio.StreamReader, fields: list[bytes]) -> bytes:
    """Of a request or an answer, whose head has these lines."""
    if b"transfer-encoding: chunked" in fields:
        body = b""
        while size := int(await reader.readuntil(b"\r\n"), 16):
            body += (await reader.readexactly(size + 2))[:-2]
        await reader.readexactly(2)
        return body
    lengths = [line for line in fields if line.startswith(b"content-length:")]
    return await reader.readexactly(int(lengths[0].partition(b":")[2])) if lengths else b""


async def answer(writer: asyncio.StreamWriter, path: bytes, body: bytes) -> None:
    if path == b"/stream":
        writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        for _ in range(PIECES):
            writer.write(b"%x\r\n%b\r\n" % (len(PAGE), PAGE))
            await asyncio.sleep(PIECE_SECONDS)
        writer.write(b"0\r\n\r\n")
    else:
        if path == b"/slow":
            await asyncio.sleep(SLOW_SECONDS)
        content = receipt(body) if body else PAGE
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(content), content))
    await writer.drain()


def receipt(body: bytes) -> bytes:
    """What an upload is answered with."""
    return b"%d %b" % (len(body), hashlib.sha256(body).hexdigest().encode())


async def main() -> None:
    server = await asyncio.start_server(serve, "127.0.0.1", 0, backlog=1024)
    port = server.sockets[0].getsockname()[1]
    print(json.dumps({"event": "serving", "port": port}), file=sys.stderr, flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main())
