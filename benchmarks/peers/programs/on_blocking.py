"""The bare loop with the blocking client: it costs least of all and can do nothing else meanwhile."""

import json

import redis
from errand import Handler, main
from on_blpop import PATIENCE, QUEUE, enqueue


def work(url: str, _concurrency: int, handle: Handler) -> None:
    """Pop for ever, one after another."""
    client = redis.Redis.from_url(url)
    while True:
        if popped := client.blpop([QUEUE], PATIENCE):
            handle(json.loads(popped[1])["document_id"])


main(enqueue, work)
