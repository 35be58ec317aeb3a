"""What the trading stage decides: pure functions of the rows known at one instant."""
