"""The dual-stream network, one part a file; `dual_stream.DualStream` puts them together."""
