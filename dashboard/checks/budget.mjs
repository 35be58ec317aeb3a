// How much a browser fetches before each page stands: its own chunk and all that it needs, gzipped. What is loaded
// later (chart, palette, shortcut sheet) and fonts do not count. More than the budget fails.

import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';

const BUDGET = 140;
const STATIC = new URL('../../src/stonks/api/static/', import.meta.url);
const manifest = JSON.parse(readFileSync(new URL('.vite/manifest.json', STATIC), 'utf8'));
const entry = Object.keys(manifest).find((key) => manifest[key].isEntry);

function kilobytes(file) {
  return gzipSync(readFileSync(new URL(file, STATIC))).length / 1000;
}

/** The chunk and, transitively, every chunk that it imports at once; with their styles. */
function needed(key, files = new Set()) {
  const chunk = manifest[key];
  if (files.has(chunk.file)) return files;
  files.add(chunk.file);
  for (const css of chunk.css ?? []) files.add(css);
  for (const next of chunk.imports ?? []) needed(next, files);
  return files;
}

const routes = Object.keys(manifest).filter(
  (key) => key.startsWith('src/routes/') && manifest[key].isDynamicEntry,
);
const rows = routes.map((key) => {
  const files = needed(key, needed(entry));
  const size = [...files].reduce((sum, file) => sum + kilobytes(file), 0);
  return { page: key.replace(/^src\/routes\//, '').replace(/\?.*$/, ''), size };
});
for (const { page, size } of rows.sort((a, b) => b.size - a.size)) {
  console.log(`${size.toFixed(1).padStart(6)} kB gz  ${page}`);
}
const most = Math.max(...rows.map(({ size }) => size));
if (rows.length === 0 || most > BUDGET) {
  console.error(`the largest first load is ${most.toFixed(1)} kB gz; ${BUDGET} are allowed`);
  process.exitCode = 1;
} else {
  console.log(`budget: ${most.toFixed(1)} of ${BUDGET} kB gz`);
}
