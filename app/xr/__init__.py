"""What the operator sees and reaches for in the headset. Start at panels.py."""
