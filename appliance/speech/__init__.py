"""What is said, in which words: phrases, numbers as words, which prompts a site needs."""
