"""The viewer's receiving half: protocol, journal, store and program."""
