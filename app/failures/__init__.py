"""The queue of failures: listed, corrected one after the other, each already at its point."""
