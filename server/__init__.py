"""her2kg's server: SPARQL, linked data and pages over a store, and the command line."""
