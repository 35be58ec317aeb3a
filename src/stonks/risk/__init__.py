"""Pure rules: gates, limits, exposure, breakers, sizing and the order state machine."""
