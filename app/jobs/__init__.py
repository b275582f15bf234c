"""Long work in separate processes of low priority."""
