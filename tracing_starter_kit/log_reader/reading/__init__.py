"""From files to records: lines of any bytes, joined where one continues another."""
