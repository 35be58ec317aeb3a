"""The arithmetic of aggregation: pure functions from immutable signals to trends, projections and related signals."""
