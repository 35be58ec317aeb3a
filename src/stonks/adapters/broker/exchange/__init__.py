"""The paper exchange as a server: Alpaca's trading API v2, as far as its official client needs it, on our matching."""
