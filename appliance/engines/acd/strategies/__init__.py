"""How a queue orders its ready agents: one file a strategy, and STRATEGIES."""
