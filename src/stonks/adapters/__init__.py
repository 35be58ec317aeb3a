"""The outside world, one family of drivers a port."""
