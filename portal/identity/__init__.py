"""Ways in: each has pages of its own, and the first page offers those of the place it is shown at."""
