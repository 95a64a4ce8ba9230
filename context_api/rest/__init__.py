"""The HTTP API under /v1: a router for each noun. Routes translate; what is said and done lies below them."""
