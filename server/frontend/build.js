// Bundles the scripts and styles into the folder given, with the licences of what is in the bundle.
import { readFile, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { argv } from "node:process";
import { build } from "esbuild";

const output = argv[2];
if (!output) throw new Error("usage: node build.js FOLDER");

const { metafile } = await build({
  entryPoints: { editor: "src/main.ts" },
  outdir: output,
  bundle: true,
  minify: true,
  format: "esm",
  target: ["es2022"],
  legalComments: "none", // licenses.txt has them whole
  banner: { js: "/* The licences of what is bundled here: licenses.txt */" },
  metafile: true,
  logLevel: "error",
});

/** The folders of the packages that something of went into the bundle. */
const packages = new Set();
for (const { inputs } of Object.values(metafile.outputs)) {
  for (const [file, { bytesInOutput }] of Object.entries(inputs)) {
    const found = /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+/.exec(file);
    if (found && bytesInOutput > 0) packages.add(found[0]);
  }
}

const texts = [];
for (const folder of [...packages].sort()) {
  const { name, version, license } = JSON.parse(await readFile(join(folder, "package.json"), "utf8"));
  const file = (await readdir(folder)).find((entry) => /^licen[cs]e/i.test(entry));
  const text = file ? (await readFile(join(folder, file), "utf8")).trim() : `License: ${license}`;
  texts.push(`${name} ${version} (${license})\n\n${text}`);
}
await writeFile(join(output, "licenses.txt"), texts.join(`\n\n${"-".repeat(78)}\n\n`) + "\n");
