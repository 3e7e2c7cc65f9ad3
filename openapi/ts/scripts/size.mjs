// Prints what the whole client weighs in a bundle, and fails past its budget.
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';

const budget = 12_000;
const { outputFiles } = await build({
  entryPoints: ['src/index.ts'], bundle: true, minify: true, format: 'esm', target: 'es2022', write: false,
});
const bytes = gzipSync(outputFiles[0].contents, { level: 9 }).length;
console.log(`client: ${bytes} bytes gzip of ${budget}`);
process.exit(bytes <= budget ? 0 : 1);
