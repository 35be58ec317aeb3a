"""The `stonks` command, one file a group of verbs."""
