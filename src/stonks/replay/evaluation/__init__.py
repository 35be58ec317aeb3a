"""What signals, trends and probabilities were worth, by the returns that followed; pure but for ``reading``."""
