"""The door for HTTP: every request to a source goes through it, with its credentials, limits, retries and entry in the access log."""
