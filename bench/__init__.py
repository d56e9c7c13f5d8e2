"""Benchmarks: accuracy, speed and hostile files. They use documents with truth that do not ship, and say so when those are missing."""
