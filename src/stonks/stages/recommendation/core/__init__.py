"""What a trend is worth acting on: pure functions from a trend and its market to a recommendation and its reasons."""
