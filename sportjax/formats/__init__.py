"""Other people's files, in and out, as the project's own schemas."""
