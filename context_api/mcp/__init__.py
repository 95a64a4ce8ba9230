"""The same reads for agents, as a few tools of the Model Context Protocol, over HTTP at /mcp and over standard input and output."""
