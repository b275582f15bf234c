"""Training of policies from recorded episodes."""
