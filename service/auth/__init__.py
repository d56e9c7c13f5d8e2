"""Who may do what: passwords, sessions, tokens, roles and the accounts they belong to."""
