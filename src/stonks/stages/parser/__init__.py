"""Raw bytes to normalized text, the companies it names, its quality and its place among its like."""
