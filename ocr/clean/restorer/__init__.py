"""Marks taken off a page by a small network, and how that network was made."""
