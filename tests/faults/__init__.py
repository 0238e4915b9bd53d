"""What may go wrong around slubtla, made to go wrong; a package, so that its names are its own."""
