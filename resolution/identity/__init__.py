"""Which records are one party: kept up to date by change, decided by rules, model and people, and explained."""
