"""What panels, forms and buttons do."""
