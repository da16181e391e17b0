"""What a media worker decides on its 10 ms tick, as arithmetic on byte matrices."""
