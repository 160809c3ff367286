"""Ports of the gateway at which phones are served names, by how they stand."""

DOORSTEP_PORT = 5301  # names for those who are not signed in
FILTERED_PORT = 5302  # names for those who are, on a network with a filter
