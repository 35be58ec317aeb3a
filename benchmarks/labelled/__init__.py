"""Texts that people labelled, a model trained on some of them, and how well answers agree with their labels."""
