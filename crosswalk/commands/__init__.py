"""The commands, by the noun they work on. Each imports what it needs when it runs, so that `--help` and `dedupe` start fast."""
