"""The gates of trading.md 3.1: each a small function from facts to a ruling; ``risk.evaluate`` holds their order."""
