"""An API is data: its streams, paging, cursors and feeds, read by one connector for them all."""
