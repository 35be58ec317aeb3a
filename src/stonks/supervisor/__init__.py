"""Real PostgreSQL and Valkey started as children and stopped with their parent."""
