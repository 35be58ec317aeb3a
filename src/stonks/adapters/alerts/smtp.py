"""Alerts as e-mail, over SMTP that has become TLS: the certificate is checked before a password or a word is sent."""

import contextlib
import re
import smtplib
import socket
import ssl
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from pathlib import Path

from stonks.adapters.alerts.address import SETTING, Address
from stonks.adapters.alerts.switchboard import Line
from stonks.adapters.alerts.thread import SILENCE, OwnThread
from stonks.adapters.alerts.words import body_text, subject_line
from stonks.model.alert import Alert
from stonks.model.errors import Permanent, Refused, SettingError, Transient, Unreachable
from stonks.ports.alerts import Unanswered

_PORT = 587
_MAILBOX = re.compile(r"[\w.!#$%&'*+/=?^`{|}~-]+@[\w.-]+", re.ASCII)
_PLAINEST = SMTP.clone(cte_type="7bit")
"""Every line ends in CR LF and every byte is ASCII: no server refuses that."""
_OURSELVES = "[127.0.0.1]"
"""What we call ourselves: our own name is nobody's business, and looking it up may take long."""
_FOR_GOOD = 500
"""From this answer on, SMTP says that it will not change its mind."""


def open_mail(address: Address) -> Line:
    """Return the channel at ``smtp://user:password@host:587/?to=a@b,c@d&from=e@f&ca=/file.pem``.

    The sender is the user unless ``from`` names another; ``ca`` are the authorities to believe instead of the system's.

    Raises:
        SettingError: something is missing or cannot be read.
    """
    options = address.options("to", "from", "ca")
    to, sender = tuple(filter(None, options.get("to", "").split(","))), options.get("from") or address.user or ""
    if not address.host or not to or not all(map(_MAILBOX.fullmatch, (*to, sender))):
        raise address.wrong("is smtp://user:password@host/?to=who@where, with from=who@where unless the user is one")
    if bool(address.user) != bool(address.password):
        raise address.wrong("has a user or a password, and not both: write @ in a user as %40")
    authorities = Path(options["ca"]) if "ca" in options else None
    if authorities is not None and not authorities.is_file():
        raise address.wrong("has a ca that is no file")
    return Line(Mail(address, sender, to, authorities), address.shown(f"{', '.join(to)} through {address.host}"))


class Mail:
    """Sends each alert as one message to everybody on the list."""

    def __init__(self, address: Address, sender: str, to: tuple[str, ...], authorities: Path | None) -> None:
        """Send from and to these mailboxes; nothing is opened yet."""
        self._host, self._port = address.host or "", address.port or _PORT
        self._user, self._password = address.user, address.password
        self._sender, self._to, self._authorities = sender, to, authorities
        self._thread = OwnThread(address.channel.name)

    async def send(self, alert: Alert, now: datetime) -> None:
        """Send one message; its Message-ID is the alert's, by which mail programs fold a repetition."""
        dialogue = _Dialogue(f"{self._host}:{self._port}")
        message = self._message(alert, now)
        try:
            await self._thread.call(lambda: self._talk(dialogue, message), dialogue.hang_up)
        except TimeoutError:
            raise dialogue.error("takes too long") from None

    def _message(self, alert: Alert, now: datetime) -> bytes:
        message = EmailMessage(policy=_PLAINEST)
        message["Subject"] = subject_line(alert)
        message["From"], message["To"] = self._sender, ", ".join(self._to)
        message["Date"] = format_datetime(now)
        message["Message-ID"] = f"<{alert.id}@stonks-oracle>"
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(body_text(alert))
        return message.as_bytes()

    def _talk(self, dialogue: "_Dialogue", message: bytes) -> None:
        """Say it all, in the thread. Of errors only types and codes are passed on: a server may repeat a password."""
        try:
            with contextlib.closing(_Server(self._host)) as server:
                dialogue.server = server
                self._greet(server)
                self._hand_over(server, dialogue, message)
                with contextlib.suppress(smtplib.SMTPException, OSError):  # it has the message: nothing else counts
                    server.quit()
        except ssl.SSLCertVerificationError as wrong:
            raise SettingError(SETTING, f"{dialogue.where}: its certificate: {wrong.verify_message}") from None
        except smtplib.SMTPNotSupportedError:
            raise SettingError(SETTING, f"{dialogue.where} offers no STARTTLS, or no way to log in") from None
        except smtplib.SMTPAuthenticationError as error:
            raise _refusal(dialogue, error.smtp_code, "the user or password", SettingError) from None
        except smtplib.SMTPResponseException as error:
            raise _refusal(dialogue, error.smtp_code, "the message", Refused) from None
        except (smtplib.SMTPException, OSError, UnicodeError) as error:
            raise dialogue.error(f"breaks off ({type(error).__name__})") from None

    def _greet(self, server: smtplib.SMTP) -> None:
        """Connect, turn to TLS, and log in."""
        _well(server.connect(self._host, self._port))
        context = ssl.create_default_context(cafile=self._authorities)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        _well(server.starttls(context=context))
        server.ehlo_or_helo_if_needed()
        if self._user and self._password:
            server.login(self._user, self._password)

    def _hand_over(self, server: smtplib.SMTP, dialogue: "_Dialogue", message: bytes) -> None:
        """Say who is written to, then what; a list of which one mailbox is refused is refused as a whole."""
        _well(server.mail(self._sender))
        for mailbox in self._to:
            _well(server.rcpt(mailbox))
        dialogue.given = True
        _well(server.data(message))


class _Server(smtplib.SMTP):
    """A server to which no connection is open yet, whose certificate has to be its host's."""

    def __init__(self, host: str) -> None:
        super().__init__(local_hostname=_OURSELVES, timeout=SILENCE.total_seconds())
        self._host = host


class _Dialogue:
    """How far one attempt has come, which the loop may end from outside."""

    def __init__(self, where: str) -> None:
        self.where = where
        self.given = False
        self.server: smtplib.SMTP | None = None

    def error(self, why: str) -> Unreachable:
        """Return what it means that this attempt broke off."""
        text = f"{self.where} {why}"
        return Unanswered(f"{text} after it was given the message") if self.given else Unreachable(text)

    def hang_up(self) -> None:
        """End every wait of the thread."""
        sock = getattr(self.server, "sock", None)
        if sock is not None:
            with contextlib.suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)


def _well(answer: tuple[int, bytes]) -> None:
    code, words = answer
    if not 200 <= code < 300:  # noqa: PLR2004 - SMTP's own numbers
        raise smtplib.SMTPResponseException(code, words)


def _refusal(
    dialogue: _Dialogue, code: int, what: str, for_good: type[Refused] | type[SettingError]
) -> Transient | Permanent:
    """Return what a server's no means: for now, or for good."""
    text = f"{dialogue.where} refuses {what} ({code})"
    if code < _FOR_GOOD:
        return Unreachable(text)
    return SettingError(SETTING, text) if for_good is SettingError else Refused(text)
