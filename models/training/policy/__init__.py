"""Training of policies from recorded episodes, whatever their kind."""
