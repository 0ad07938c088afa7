"""What `python -m lib` can do. Each command prints plain text and returns its exit code."""
