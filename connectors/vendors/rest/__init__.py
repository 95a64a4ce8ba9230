"""Any REST API, as crosswalk.toml declares it."""
