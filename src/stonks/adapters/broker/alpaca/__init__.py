"""Alpaca's trading API: orders out, account activities back as the truth about fills."""
