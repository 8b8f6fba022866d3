"""The operator's pages: every order explained, and what an operator may do to it."""
