"""One file for each kind of check; rules do not import each other."""
