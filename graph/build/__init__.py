"""From statements to a published snapshot: RDF, derived triples, validation, reasoning, the pipeline."""
