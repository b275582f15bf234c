"""Commands of main.py about session folders."""
