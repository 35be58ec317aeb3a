"""The driver's errors as ours: what is the server's state, what a lost race, what wrong input; the rest are bugs.

Errors that are the server's state name it, so that no job is blamed. Two kinds do not: an answer that may as well be
the statement's own fault is tried again, but not for ever.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import asyncpg

from stonks.model.errors import Conflict, Malformed, Refused, Server, SettingError, Unreachable

_DOUBTFUL = (
    asyncpg.QueryCanceledError,  # 57014: by hand, by a standby, or because it takes too long
    asyncpg.InternalServerError,  # XX: corrupt, or the server's fault on this one statement
)
_DOWN = (
    OSError,  # no connection, a broken one, or no answer in time
    asyncpg.PostgresConnectionError,  # 08
    asyncpg.InternalClientError,  # an idle connection that has just been told to go
    asyncpg.OperatorInterventionError,  # 57: it starts, stops or recovers, or has ended a session
    asyncpg.InsufficientResourcesError,  # 53: its disk, memory or connections are used up
    asyncpg.PostgresSystemError,  # 58: its files fail it
    asyncpg.ReadOnlySQLTransactionError,  # 25006: a replica, or made read-only
    asyncpg.IdleInTransactionSessionTimeoutError,  # 25P03
    asyncpg.InvalidAuthorizationSpecificationError,  # 28: rights or passwords are being changed
    asyncpg.InvalidCatalogNameError,  # 3D000: the database is being restored
    asyncpg.ObjectNotInPrerequisiteStateError,  # 55: it takes no connections
)
_CONFLICT = (
    asyncpg.TransactionRollbackError,  # 40: serialization, deadlock
    asyncpg.LockNotAvailableError,
    asyncpg.UniqueViolationError,
    asyncpg.InvalidCachedStatementError,  # a migration came in between
)
_WRONG_URL = (
    asyncpg.ClientConfigurationError,
    asyncpg.InvalidAuthorizationSpecificationError,
    asyncpg.InvalidCatalogNameError,
)


@contextmanager
def translated(query: str, alive: Callable[[], bool] = lambda: False) -> Iterator[None]:
    """Raise our errors for the driver's; what is a mistake in the statement itself passes as the bug it is.

    Args:
        query: what is being done, for the message.
        alive: whether the connection still is one. Misuse of one that is, is a bug; of one that went, its going.
    """
    try:
        yield
    except _CONFLICT as error:
        raise Conflict(f"{query}: {error}") from error
    except _DOUBTFUL as error:
        raise Unreachable(f"PostgreSQL: {query}: {error}") from error
    except _DOWN as error:
        raise _down(query, error) from error
    except asyncpg.IntegrityConstraintViolationError as error:
        raise Refused(f"{query}: {error}") from error
    except asyncpg.DataError as error:
        raise Malformed(f"{query}: {error}") from error
    except asyncpg.InterfaceError as error:
        if isinstance(error, ValueError) or not alive():
            raise _refused_by_the_driver(query, error) from error
        raise


@contextmanager
def connecting() -> Iterator[None]:
    """Raise our errors for those of a first connection, at which a wrong URL can be told from a server's state.

    Raises:
        SettingError: the URL, its user, password or database is wrong.
        Unreachable: no server answers there.
    """
    try:
        with translated("connect"):
            yield
    except ValueError as error:
        raise SettingError("STONKS_DATABASE_URL", str(error)) from error
    except (Unreachable, Malformed) as error:
        if isinstance(error.__cause__, _WRONG_URL):
            raise SettingError("STONKS_DATABASE_URL", str(error.__cause__)) from error
        raise


def _refused_by_the_driver(query: str, error: asyncpg.InterfaceError) -> Malformed | Unreachable:
    if isinstance(error, ValueError):  # a parameter that it cannot encode, or a URL that it cannot read
        return Malformed(f"{query}: {error}")
    return _down(query, error)


def _down(query: str, error: Exception) -> Unreachable:
    match error:
        case TimeoutError():
            why = "no answer in time"
        case asyncpg.InterfaceError():
            why = "the connection is gone"
        case _:
            why = str(error)
    return Unreachable(f"PostgreSQL: {query}: {why}", Server.POSTGRESQL)
