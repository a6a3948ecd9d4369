"""her2kg's knowledge graph: extraction, building, storing and curating. Import names from its modules."""
