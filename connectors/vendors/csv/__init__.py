"""Files of rows, such as anybody can export."""
