"""Page images made fit to be read: upright, without skew, without marks laid over the text."""
