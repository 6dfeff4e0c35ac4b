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
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, resolve } from "node:path";
import { parseArgs } from "node:util";

import * as esbuild from "esbuild";

const ROOT = resolve(import.meta.dirname, "..");
const { values: options } = parseArgs({
  options: {
    watch: { type: "boolean" },
    check: { type: "boolean" },
    metafile: { type: "string" },
    maps: { type: "string" },
  },
});

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
