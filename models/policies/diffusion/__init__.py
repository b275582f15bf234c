"""A small diffusion policy: two views and the end effectors in, chunks of absolute actions out."""
