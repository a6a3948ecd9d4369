// Comunica: `sources` are endpoints and files, all asked as one.
import { QueryEngine } from "@comunica/query-sparql";
import { serve, table, term } from "./lines.js";

const engine = new QueryEngine();

await serve(async ({ query, sources, only }) => {
  const result = await engine.query(query, { sources, noCache: true });
  switch (result.resultType) {
    case "boolean":
      return { boolean: await result.execute() };
    case "bindings": {
      const rows = [];
      for await (const bindings of await result.execute()) {
        rows.push(Object.fromEntries([...bindings].map(([variable, value]) => [variable.value, term(value)])));
      }
      return table(rows, only);
    }
    case "quads": {
      const triples = [];
      for await (const { subject, predicate, object } of await result.execute()) {
        triples.push([subject, predicate, object].map(term));
      }
      return { triples };
    }
    default:
      throw new Error(`a result of type ${result.resultType}`);
  }
});
