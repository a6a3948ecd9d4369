// fetch-sparql-endpoint: `options` are those of its constructor.
import { SparqlEndpointFetcher } from "fetch-sparql-endpoint";
import { serve, table, term } from "./lines.js";

await serve(async ({ query, endpoint, form, options, only }) => {
  const fetcher = new SparqlEndpointFetcher(options);
  switch (form) {
    case "ask":
      return { boolean: await fetcher.fetchAsk(endpoint, query) };
    case "select": {
      const rows = [];
      for await (const row of await fetcher.fetchBindings(endpoint, query)) {
        rows.push(Object.fromEntries(Object.entries(row).map(([name, value]) => [name, term(value)])));
      }
      return table(rows, only);
    }
    case "graph": {
      const triples = [];
      for await (const { subject, predicate, object } of await fetcher.fetchTriples(endpoint, query)) {
        triples.push([subject, predicate, object].map(term));
      }
      return { triples };
    }
    default:
      throw new Error(`no form ${form}`);
  }
});
