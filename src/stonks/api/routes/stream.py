"""The live stream of changes."""

from typing import Annotated, Any

from litestar import Request
from litestar.datastructures import State
from litestar.exceptions import ClientException
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import QueryParameter
from litestar.response import ServerSentEvent

from stonks.api.answers.stream import Change
from stonks.api.reading import OpenPorts, read
from stonks.api.stream import TOPICS, follow

_EVENT = ResponseSpec(
    data_container=Change,
    media_type="text/event-stream",
    generate_examples=False,
    description="Events without end; the schema is of each event's data.",
)


@read("/stream", "stream", "stream", media_type="text/event-stream", responses={200: _EVENT})
async def get_stream(
    ports: OpenPorts,
    request: Request[Any, Any, Any],
    state: State,
    topics: Annotated[str, QueryParameter(max_length=200, description=f"Some of {', '.join(TOPICS)}.")] = ",".join(
        TOPICS
    ),
) -> ServerSentEvent:
    """Server-sent events: id resumes, event is the topic, data is {v, type, at, key, data}; a ping every 15 s."""
    wanted = {topic.strip() for topic in topics.split(",")} - {""}
    if unknown := wanted - set(TOPICS):
        raise ClientException(f"there is no topic {', '.join(sorted(unknown))}; there are {', '.join(TOPICS)}")
    events = follow(ports, wanted, request.headers.get("last-event-id"), state.closing)
    return ServerSentEvent(events, headers={"cache-control": "no-store", "x-accel-buffering": "no"})
