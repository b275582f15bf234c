"""What the flow-matching policy gives the trainer of policies."""
