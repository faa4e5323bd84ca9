"""The demo system's commands: `kit up`, `down`, `stop`, `start`, `status`, `doctor`."""
