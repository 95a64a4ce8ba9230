"""One folder for each kind of source: how it is read, and what its payloads mean."""
