"""What a flow is made of: one file a node kind, and NODES."""
