"""A folder of contracts, notes and price lists."""
