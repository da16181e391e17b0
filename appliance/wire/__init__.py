"""What processes say to each other: one JSON object a line over Unix stream sockets."""
