"""What all policies that plan chunks of actions share."""
