"""Real systems of others, set up from the package registries alone, each in an environment of its own under .crosswalk/live."""
