from importlib.resources import files

import pytest

from stonks.stages.extractor.core.exposure import Effect, Priors, expose, read_effects, read_priors

REVIEWED = files("stonks.stages.extractor.core")


@pytest.fixture(scope="session")
def effects() -> dict[str, Effect]:
    """The effects as they are shipped."""
    return read_effects(REVIEWED.joinpath("effects.toml").read_text())


@pytest.fixture(scope="session")
def priors() -> Priors:
    """The default exposures as they are shipped."""
    priors = read_priors(REVIEWED.joinpath("exposures.toml").read_text())
    expose((), priors)  # numpy is loaded now, not within the time of the first example
    return priors
