"""What a stage says it feeds is what its worker follows with."""

import ast
from collections.abc import Iterator

import pytest

from stonks.model import job
from stonks.model.job import Job
from stonks.ports.stage import Stage
from stonks.stages import PIPELINE
from tests.architecture.conftest import Module


@pytest.mark.parametrize("stage", PIPELINE, ids=lambda stage: stage.name)
def test_a_stage_names_every_queue_to_which_its_work_leads(stage: Stage, modules: list[Module]) -> None:
    mine = [module for module in modules if module.path.parts[:2] == ("stages", stage.name)]

    made = {queue for module in mine for queue in queues_of_jobs_made_in(module.tree)}

    assert set(stage.feeds) == made - stage.queues.keys()


def queues_of_jobs_made_in(tree: ast.Module) -> Iterator[str]:
    """Each type of job that is called, `ParsingJob(...)` or `(ParsingJob if ... else ExtractionJob)(...)`."""
    for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call)):
        for name in ast.walk(call.func):
            kind = getattr(job, name.id, None) if isinstance(name, ast.Name) else None
            if isinstance(kind, type) and issubclass(kind, Job):
                yield kind.queue


def test_what_a_stage_feeds_is_never_its_own_and_never_before_it() -> None:
    """So that the last stage is never held back, and whoever is held back waits for one that is not."""
    order = {queue: place for place, stage in enumerate(PIPELINE) for queue in stage.queues}

    for place, stage in enumerate(PIPELINE):
        assert all(order[queue] > place for queue in stage.feeds), stage.name
