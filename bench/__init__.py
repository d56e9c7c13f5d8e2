"""Benchmarks: accuracy, speed and hostile files, on documents that do not ship; without them they say so."""
