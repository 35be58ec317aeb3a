"""One module a resource: what may be asked, and which reads answer it."""
