/**
 * Builds what browsers load from the modules and stylesheets in `static/manage_files`.
 *
 *   npm run build      write `uploads/static/uploads`, which is committed: no user ever needs Node
 *   npm run watch      write it again after every change, with source maps
 *   npm run current    fail unless the committed files are what the sources build
 *
 * `--metafile FILE` writes which module imports which, and nothing else.
 * `--maps FOLDER` checks as `npm run current` does, and writes the source maps for a wheel (hatch_build.py).
 */
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, resolve } from "node:path";
import { parseArgs } from "node:util";

import * as esbuild from "esbuild";

const ROOT = resolve(import.meta.dirname, "..");
const SOURCES = resolve(ROOT, "static/manage_files");
const { values: options } = parseArgs({
  options: {
    watch: { type: "boolean" },
    check: { type: "boolean" },
    metafile: { type: "string" },
    maps: { type: "string" },
  },
});

/** An enumeration of the front end: `export const Name = Object.freeze({ MEMBER: "value", … });`. */
const ENUMERATION = /export const (\w+) = (Object\.freeze\(\{(\s*(?:[A-Z_]+: (?:"[^"]*"|\d+),?\s*)+)\}\));/g;

/**
 * Writes the values of enumerations where their members are used, as esbuild does with those of TypeScript: a browser
 * needs neither the names nor the members that only servers use.
 * @type {esbuild.Plugin}
 */
const inlineEnumerations = {
  name: "inline-enumerations",
  setup(build) {
    /** @type {Map<string, string>} the value of each member, as it is written */
    const values = new Map();
    build.onStart(() => {
      for (const path of readdirSync(SOURCES, { recursive: true, encoding: "utf8" }))
        if (path.endsWith(".js"))
          for (const [, name, , members] of readFileSync(resolve(SOURCES, path), "utf8").matchAll(ENUMERATION))
            for (const [, member, value] of members.matchAll(/([A-Z_]+): ("[^"]*"|\d+)/g))
              values.set(`${name}.${member}`, value);
    });
    build.onLoad({ filter: /manage_files.*\.js$/ }, ({ path }) => ({
      contents: readFileSync(path, "utf8")
        .replace(/(?:\b[a-z]\w*\.)?\b([A-Z]\w+\.[A-Z_]+)\b/g, (text, member) => values.get(member) ?? text)
        // One that is not used as a whole can go.
        .replace(ENUMERATION, "export const $1 = /* @__PURE__ */ $2;"),
      loader: "js",
    }));
  },
};

/** @type {esbuild.BuildOptions} */
const settings = {
  // esbuild names things by their paths from here: the output is the same bytes wherever the repository is.
  absWorkingDir: ROOT,
  entryPoints: [
    { in: "static/manage_files/index.js", out: "manage_files" },
    { in: "static/manage_files/manage_files.css", out: "manage_files" },
    { in: "static/manage_files/storage_cleanup.js", out: "storage_cleanup" },
  ],
  outdir: "uploads/static/uploads",
  bundle: true,
  charset: "utf8",
  format: "esm",
  minify: true,
  plugins: [inlineEnumerations],
  target: "es2022",
};

if (options.watch) {
  const context = await esbuild.context({ ...settings, logLevel: "info", sourcemap: true });
  await context.watch();
} else {
  const write = !options.check && !options.metafile && !options.maps;
  // External maps leave the built files as they are: no comment names them.
  const sourcemap = options.maps ? "external" : false;
  const { metafile, outputFiles = [] } = await esbuild.build({ ...settings, metafile: true, sourcemap, write });
  const maps = outputFiles.filter(({ path }) => path.endsWith(".map"));
  if (options.metafile) writeFileSync(options.metafile, JSON.stringify(metafile));
  if (options.check || options.maps) outputFiles.filter((file) => !maps.includes(file)).forEach(check);
  for (const { path, contents } of maps) writeFileSync(resolve(options.maps ?? "", basename(path)), contents);
  // Those that `watch` left.
  if (write) for (const path of Object.keys(metafile.outputs)) rmSync(resolve(ROOT, `${path}.map`), { force: true });
}

/** @param {esbuild.OutputFile} file */
function check({ path, contents }) {
  if (existsSync(path) && readFileSync(path).equals(contents)) return;
  console.error(`${path} is not what the sources build. Run \`npm run build\` and commit the result.`);
  process.exitCode = 1;
}
