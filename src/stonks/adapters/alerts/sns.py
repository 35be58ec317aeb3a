"""Alerts through Amazon SNS: to a topic's subscribers, or as a text message to a telephone."""

import re
from datetime import datetime
from typing import Any

from stonks.adapters.alerts.address import SETTING, Address
from stonks.adapters.alerts.switchboard import Line
from stonks.adapters.alerts.thread import SILENCE, OwnThread
from stonks.adapters.alerts.words import body_text, subject_line
from stonks.model.alert import Alert
from stonks.model.errors import Permanent, Refused, SettingError, Transient, Unreachable
from stonks.ports.alerts import Unanswered

_TOPIC = re.compile(r"arn:aws[a-z-]*:sns:[a-z0-9-]+:\d{12}:[\w-]{1,256}(?:\.fifo)?")
_TELEPHONE = re.compile(r"\+[1-9]\d{6,14}")
_LONGEST_SUBJECT = 99
_LONGEST_TEXT_MESSAGE = 320
_FAULTS_OF_THE_ALERT = {"InvalidParameter", "InvalidParameterValue", "ValidationException", "KMSOptInRequired"}
_LATER = {
    "Throttling",
    "ThrottlingException",
    "ThrottledException",
    "RequestLimitExceeded",
    "InternalError",
    "InternalFailure",
}


def open_sns(address: Address) -> Line:
    """Return the channel at ``sns://key:secret@region/TARGET?endpoint=URL``; TARGET is a topic's ARN or +telephone.

    Without a key, boto3 looks for one in its own places.

    Raises:
        SettingError: it names no region or target, or boto3 is not installed.
    """
    options, target = address.options("endpoint"), address.path.strip("/")
    if not address.host or not (_TOPIC.fullmatch(target) or _TELEPHONE.fullmatch(target)):
        raise address.wrong("is sns://key:secret@region/TARGET, where TARGET is a topic's ARN or +telephone")
    if bool(address.user) != bool(address.password):
        raise address.wrong("has a key or its secret, and not both")
    from importlib.util import find_spec

    if find_spec("boto3") is None:
        raise address.wrong("needs boto3: install stonks-oracle[sns]")
    shown = target.rpartition(":")[2] if target.startswith("arn:") else f"a telephone that ends in {target[-2:]}"
    return Line(Sns(address, target, options.get("endpoint")), address.shown(f"{shown} in {address.host}"))


class Sns:
    """Publishes each alert once."""

    def __init__(self, address: Address, target: str, endpoint: str | None) -> None:
        """Publish to this target; nothing is loaded or opened yet."""
        self._target = target
        self._options: dict[str, Any] = {
            "region_name": address.host,
            "endpoint_url": endpoint,
            "aws_access_key_id": address.user,
            "aws_secret_access_key": address.password,
        }
        self._client: Any = None
        self._thread = OwnThread(address.channel.name)

    async def send(self, alert: Alert, now: datetime) -> None:  # noqa: ARG002 - SNS writes its own time
        """Publish it; on a FIFO topic its id is the deduplication id, by which SNS drops a repetition."""
        try:
            await self._thread.call(lambda: self._publish(alert), lambda: None)
        except TimeoutError:
            raise Unanswered("SNS takes too long") from None

    def _publish(self, alert: Alert) -> None:
        from botocore.exceptions import (  # pyright: ignore[reportMissingImports] # of the extra
            BotoCoreError,
            ClientError,
        )

        try:
            self._opened().publish(**_request(self._target, alert))
        except ClientError as error:
            raise _meaning(str(error.response.get("Error", {}).get("Code")), error) from None
        except (BotoCoreError, OSError, ValueError) as error:
            raise _broken(error) from None

    def _opened(self) -> Any:  # noqa: ANN401 - boto3 makes its clients' types at run time
        """Return the client, made in the thread that uses it: it reads files and takes a third of a second."""
        if self._client is None:
            import boto3  # pyright: ignore[reportMissingImports] # of the extra
            from botocore.config import Config  # pyright: ignore[reportMissingImports] # of the extra

            # We try again ourselves, and say less than boto3 does.
            patience = {"connect_timeout": SILENCE.total_seconds(), "read_timeout": SILENCE.total_seconds()}
            config = Config(**patience, retries={"total_max_attempts": 1}, proxies={})
            self._client = boto3.session.Session().client("sns", config=config, **self._options)
        return self._client


def _request(target: str, alert: Alert) -> dict[str, str]:
    if not target.startswith("arn:"):
        return {"PhoneNumber": target, "Message": f"{subject_line(alert)}: {alert.text}"[:_LONGEST_TEXT_MESSAGE]}
    subject = subject_line(alert).encode("ascii", "replace").decode()[:_LONGEST_SUBJECT]
    request = {"TopicArn": target, "Subject": subject, "Message": body_text(alert)}
    if target.endswith(".fifo"):
        request |= {"MessageDeduplicationId": str(alert.id), "MessageGroupId": "alerts"}
    return request


def _meaning(code: str, error: Any) -> Transient | Permanent:  # noqa: ANN401 - boto3 ships no types
    """Return what an answer of SNS that is no success means; its words may name the key, its code does not."""
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    text = f"SNS says {code} ({status})"
    if code in _LATER or status >= 500 or status == 429:  # noqa: PLR2004 - HTTP's own numbers
        return Unreachable(text)
    return Refused(text) if code in _FAULTS_OF_THE_ALERT else SettingError(SETTING, text)


def _broken(error: Exception) -> Transient | Permanent:
    """Return what it means that boto3 got no answer, by its name for that."""
    match type(error).__name__:
        case "ReadTimeoutError" | "ConnectionClosedError" | "ResponseStreamingError" | "HTTPClientError" as name:
            return Unanswered(f"SNS gives no answer: {name}")
        case "NoCredentialsError" | "PartialCredentialsError" | "ParamValidationError" | "InvalidRegionError" as name:
            return SettingError(SETTING, f"SNS cannot be asked: {name}")
        case name:
            return Unreachable(f"SNS cannot be reached: {name}")
