"""What the broker stage decides: pure functions of our rows and the broker's answers."""
