"""Any GraphQL API, as crosswalk.toml declares it."""
