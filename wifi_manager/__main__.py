"""`python -m wifi_manager` is the same as the command `wifi-manager`."""

from wifi_manager.cli import main

main()
