"""The command line: parse, call one function, print. No SQL and no file formats here."""
