"""Alerts as JSON, posted to a URL of the user's and signed.

The URL is the settings': it is trusted wherever it leads, as are other servers that the settings name, and for the rest
asked like them: straight, through no proxy of the environment, without cookies, and no redirect is followed.
"""

import hashlib
import hmac
from datetime import datetime
from http import HTTPStatus

from aiohttp import (
    ClientConnectionError,
    ClientConnectorError,
    ClientError,
    ClientSession,
    ClientTimeout,
    DummyCookieJar,
)

from stonks.adapters.alerts.address import SETTING, Address
from stonks.adapters.alerts.switchboard import Line
from stonks.adapters.alerts.thread import PATIENCE, SILENCE
from stonks.adapters.alerts.words import as_json
from stonks.model.alert import Alert
from stonks.model.errors import Refused, SettingError, Unreachable
from stonks.ports.alerts import Unanswered

_LATER = {HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_EARLY, HTTPStatus.TOO_MANY_REQUESTS}
_OURS = {HTTPStatus.BAD_REQUEST, HTTPStatus.REQUEST_ENTITY_TOO_LARGE, HTTPStatus.UNPROCESSABLE_ENTITY}
"""What a server answers that does not like this one alert."""


def open_webhook(address: Address) -> Line:
    """Return the channel at ``webhook+https://:secret@host/path?query``; only with a secret is it signed.

    Raises:
        SettingError: it names no host, or a user.
    """
    if not address.host or address.user:
        raise address.wrong("is webhook+https://:secret@host/path")
    return Line(Webhook(address), address.shown(f"{address.scheme.partition('+')[2]}://{address.host}"))


def signature(secret: str, at: datetime, body: bytes) -> str:
    """Return the header by which a receiver knows us: ``t=<unix seconds>,v1=<hex>``.

    v1 is HMAC-SHA256 with the secret over the seconds, a full stop and the body; with t in it nobody can say an old
    alert again.
    """
    seconds = str(int(at.timestamp()))
    digest = hmac.new(secret.encode(), seconds.encode() + b"." + body, hashlib.sha256).hexdigest()
    return f"t={seconds},v1={digest}"


class Webhook:
    """Posts each alert as one JSON object."""

    def __init__(self, address: Address) -> None:
        """Post to this address; nothing is opened yet."""
        host = f"[{address.host}]" if ":" in (address.host or "") else address.host
        place = f"{address.scheme.partition('+')[2]}://{host}" + (f":{address.port}" if address.port else "")
        self._where = place
        self._url = place + (address.path or "/") + (f"?{address.query}" if address.query else "")
        self._secret = address.password

    async def send(self, alert: Alert, now: datetime) -> None:
        """Post it; the alert's id travels as Idempotency-Key, by which a receiver knows a repetition."""
        body = as_json(alert, now)
        headers = {"Content-Type": "application/json", "User-Agent": "stonks-oracle", "Idempotency-Key": str(alert.id)}
        if self._secret:
            headers["X-Stonks-Signature"] = signature(self._secret, now, body)
        timeout = ClientTimeout(total=PATIENCE.total_seconds(), sock_connect=SILENCE.total_seconds())
        try:
            async with (
                ClientSession(cookie_jar=DummyCookieJar(), trust_env=False, timeout=timeout) as session,
                session.post(self._url, data=body, headers=headers, allow_redirects=False) as response,
            ):
                self._judge(response.status)
        except ClientConnectorError as error:
            raise Unreachable(f"{self._where} cannot be reached: {type(error).__name__}") from None
        except (ClientConnectionError, TimeoutError, OSError) as error:
            raise Unanswered(f"{self._where} gives no answer: {type(error).__name__}") from None
        except (ClientError, ValueError) as error:  # their words repeat the URL, which may be secret
            raise Unanswered(f"{self._where} gives no answer that can be read: {type(error).__name__}") from None

    def _judge(self, status: int) -> None:
        """Return where a status says that the alert was taken. Nobody reads the body."""
        if HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES:
            return
        if status in _LATER or status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            raise Unreachable(f"{self._where} is not available ({status})")
        if status in _OURS:
            raise Refused(f"{self._where} does not take this alert ({status})")
        raise SettingError(SETTING, f"{self._where} refuses us ({status}); no redirect is followed")
