"""The store of any SPARQL 1.1 service, see `graph.store.remote.store`."""
