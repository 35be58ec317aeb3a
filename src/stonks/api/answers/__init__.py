"""The public JSON shapes: what the API answers. Money and quantities travel as strings, instants as RFC 3339 in UTC."""
