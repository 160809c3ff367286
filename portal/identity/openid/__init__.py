"""An OpenID provider as the portal sees it: its configuration and keys, its addresses, and whom it has recognised."""
