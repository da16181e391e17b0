"""Words that all rooms share: ids, events, commands, settings, errors, the Machine shape.

Nothing here does anything. A word that only one room uses does not belong here.
"""
