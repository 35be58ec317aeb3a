"""Ports for a worker under test: those that the test gives; any other fails by name when it is touched."""

from typing import Any, NoReturn, cast

from stonks.ports.bundle import Ports
from stonks.settings import Settings


class Missing:
    """A port that the test did not give."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, attribute: str) -> NoReturn:
        raise AssertionError(f"the worker uses ports.{self._name}.{attribute}, which this test does not give")


def some_ports(**given: object) -> Ports:
    """Return ports with these, and settings as nobody changed them unless given."""
    settings = given.pop("settings", None) or Settings.model_construct()
    names = [name for name in Ports.__dataclass_fields__ if name not in {"settings", "agents"}]
    ports: dict[str, Any] = {name: given.pop(name, None) or Missing(name) for name in names}
    ports["agents"] = given.pop("agents", None)  # there are none unless somebody sets a model
    assert not given, f"no such ports: {sorted(given)}"
    return Ports(settings=cast("Settings", settings), **ports)
