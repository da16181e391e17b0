"""Arithmetic on samples: G.711, DTMF, tones, levels, resampling. Batches of numpy rows."""
