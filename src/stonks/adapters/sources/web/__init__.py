"""How live sources ask over HTTP: capped, paced, on record, and never an inner address for a URL found in data."""
