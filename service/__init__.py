"""Everything that touches the outside world: files in, records and reports out."""
