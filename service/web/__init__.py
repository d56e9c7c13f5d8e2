"""The pages for people: plain HTML that works without scripts, and a little htmx where waiting would be worse."""
