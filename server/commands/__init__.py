"""The commands of `her2kg`, one module each."""
