"""What a picture is, how it is checked and made clean, and where it lies."""
