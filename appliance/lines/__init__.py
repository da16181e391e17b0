"""One file a line type: a protocol's events to call events and back."""
