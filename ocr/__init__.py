"""Pixels and embedded text → tables and text; knows nothing about budgets."""
