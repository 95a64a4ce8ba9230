"""Whoever asks a source speaks for an account: its limits, pauses, breaker and tokens, shared by all processes that do."""
