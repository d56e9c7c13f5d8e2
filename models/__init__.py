"""Records that every stage hands to the next; standard library only."""
