"""How any stage runs: loop, leases, retry, ledger, health and telemetry."""
