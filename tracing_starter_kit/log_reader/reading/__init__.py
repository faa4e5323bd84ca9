"""Read files into records: lines of any bytes, each with the lines that continue it."""
