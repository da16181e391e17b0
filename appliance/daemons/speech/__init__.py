"""The niced worker that turns text into prompts."""
