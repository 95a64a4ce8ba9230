"""The front door: the command line, the demo, and the sandbox that the demo syncs."""
