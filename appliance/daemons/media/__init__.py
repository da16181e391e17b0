"""linghe-media@N: RTP sockets and the 10 ms tick."""
