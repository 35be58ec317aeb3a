"""An SMTP server of this machine: real sockets, real TLS with a certificate for localhost, and faults where asked."""

import asyncio
import base64
import contextlib
import ssl
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

TLS = Path(__file__).parent / "tls"
AUTHORITY = TLS / "authority.pem"
"""Whom to believe the server's certificate from."""
USER, PASSWORD = "me@example.com", "app-password-canary"


@dataclass
class Post:
    """What the server answers by verb instead of its usual, and what it was told."""

    answers: Mapping[str, str] = field(default_factory=dict)
    """By verb; an empty answer is none: the connection ends."""
    silent_at: str | None = None
    """The verb after which nothing more is said."""
    starttls: bool = True
    port: int = 0
    verbs: list[str] = field(default_factory=list)
    mails: list[bytes] = field(default_factory=list)
    silent: asyncio.Event = field(default_factory=asyncio.Event)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Talk with one client to the end."""
        with contextlib.suppress(ConnectionError, ssl.SSLError, asyncio.CancelledError):
            await self._talk(reader, writer)
        writer.close()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 ready\r\n")
        encrypted = False
        while line := (await reader.readline()).decode().strip():
            verb = line.split(" ", 1)[0].upper()
            self.verbs.append(verb)
            if verb == "DATA" and "DATA" not in self.answers:
                writer.write(b"354 go on\r\n")
                self.mails.append(await reader.readuntil(b"\r\n.\r\n"))
                verb = "MAIL TEXT"
            if verb == self.silent_at:
                self.silent.set()
                await asyncio.sleep(3600)
            answer = self.answers.get(verb, self._usual(line, verb, encrypted=encrypted))
            if not answer:
                return
            writer.write(answer.encode() + b"\r\n")
            if answer.startswith("220") and verb == "STARTTLS":
                await writer.start_tls(_context())
                encrypted = True

    def _usual(self, line: str, verb: str, *, encrypted: bool) -> str:
        match verb:
            case "EHLO":
                offer = "250 AUTH PLAIN" if encrypted else "250 STARTTLS" if self.starttls else "250 HELP"
                return f"250-here\r\n{offer}"
            case "STARTTLS":
                return "220 go ahead"
            case "AUTH":
                right = base64.b64encode(f"\0{USER}\0{PASSWORD}".encode()).decode()
                return "235 welcome" if line.endswith(right) else f"535 wrong: {line}"
            case "QUIT":
                return "221 bye"
            case _:
                return "250 fine"


def _context() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(TLS / "server.pem")
    return context


@asynccontextmanager
async def post_office(post: Post) -> AsyncIterator[Post]:
    """Serve on a free port while the block runs."""
    talks: set[asyncio.Task[None]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        talks.add(task)
        await post.serve(reader, writer)

    server = await asyncio.start_server(serve, "localhost", 0, family=2)
    post.port = server.sockets[0].getsockname()[1]
    try:
        yield post
    finally:
        server.close()
        for talk in talks:
            talk.cancel()
        await asyncio.gather(*talks, return_exceptions=True)
        await server.wait_closed()
