"""`kit logs`: its options, its run and its report."""
