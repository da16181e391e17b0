"""The recording journal's form, and how its frames become a stereo file."""
