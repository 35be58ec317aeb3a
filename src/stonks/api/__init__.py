"""The HTTP interface: resources, authentication and the event stream."""
