"""Real PostgreSQL and Valkey started as children and stopped with their parent."""

from stonks.supervisor.servers import Supervisor

__all__ = ["Supervisor"]
