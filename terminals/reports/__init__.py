"""What reports say of laptops."""
