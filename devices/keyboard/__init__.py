"""The computer's keyboard as a device: motion keys move both arms."""
