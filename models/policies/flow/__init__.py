"""A small flow-matching policy in the style of pi0: action tokens attend to tokens of pictures and end effectors."""
