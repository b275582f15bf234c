"""Attempts of a policy that failed: found, recorded as sessions, ranked by what a correction is worth."""
