"""Tables to facts to findings; knows nothing about pixels."""
