// One request a line in, one answer a line out: how the tests talk to a client.
import { createInterface } from "node:readline";
import { stdin, stdout } from "node:process";

/** A term as plain data. */
export const term = ({ termType, value, language, datatype }) => ({
  termType,
  value,
  language: language ?? "",
  datatype: datatype?.value ?? "",
});

/** A table, or (`only` is "count") how many rows it has, and how many different ones. */
export const table = (rows, only) =>
  only === "count" ? { count: rows.length, different: new Set(rows.map((row) => JSON.stringify(row))).size } : { rows };

/** Answers each request by `answer`, what it throws with its message; ends with the input. */
export async function serve(answer) {
  for await (const line of createInterface({ input: stdin })) {
    let reply;
    try {
      reply = await answer(JSON.parse(line));
    } catch (error) {
      reply = { error: String(error?.message ?? error) };
    }
    stdout.write(`${JSON.stringify(reply)}\n`);
  }
}
