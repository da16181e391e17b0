"""Words into speakable sentences: phrases, numbers, phonemes, what a site needs said. Pure.

The models that turn sentences into sound are run by daemons/speech; nothing here does I/O.
"""
