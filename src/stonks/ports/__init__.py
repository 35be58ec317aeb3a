"""The Protocols that the outside world is reached through."""
