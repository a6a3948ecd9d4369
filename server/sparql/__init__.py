"""`/sparql`: the SPARQL 1.1 Protocol for programs, the query page for people."""
