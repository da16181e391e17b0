"""RTCP's bytes and SRTP's (RFC 3550 §6, RFC 3711); the columns of RTP are the media engine's."""
