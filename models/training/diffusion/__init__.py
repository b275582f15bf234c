"""What the diffusion policy gives the trainer of policies."""
