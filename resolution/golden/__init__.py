"""What is believed of each party: the value that survives for each attribute, with its source, its past and what it outweighed."""
