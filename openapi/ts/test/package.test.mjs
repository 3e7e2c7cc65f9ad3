import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));

test('what is packed holds what its exports name, and an installation builds it', () => {
  const about = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
  assert.match(about.scripts.prepare, /build/);
  // Without its scripts: building again would pull the files from under the other tests.
  const [packed] = JSON.parse(execFileSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], { cwd: root, stdio: ['ignore', 'pipe', 'ignore'] }));
  const files = packed.files.map((one) => `./${one.path}`);
  for (const wanted of [about.main, about.types, ...Object.values(about.exports['.']), './README.md']) assert.ok(files.includes(wanted), wanted);
});
