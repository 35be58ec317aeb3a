"""What our queue is measured beside: other people's libraries, each in an environment of its own."""
