// The editor's "as code": a query as programs would ask it.
import { snippets } from "../../../server/frontend/src/snippets.ts";
import { serve } from "./lines.js";

await serve(({ endpoint, query, graph }) => ({ snippets: snippets(endpoint, query, graph) }));
