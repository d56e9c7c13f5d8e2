"""The HTTP interface for programs, `/api/v1`."""
