"""VR controllers through OpenXR: one thread talks to the runtime; where there is a picture, it draws there too."""
