"""What control and gateways say to one another (versioned JSON, signed), and the sealed ticket a phone carries.

Unknown fields are refused on both sides: a typo or a newer peer is an error that is seen, not a value that is lost.
"""
