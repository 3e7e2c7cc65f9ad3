// Adds up the test reports in a directory (first argument) and prints one
// closing line; the other arguments are the names of steps that failed.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const [dir, ...failedSteps] = process.argv.slice(2);
const read = (name) => (existsSync(join(dir, name)) ? readFileSync(join(dir, name), 'utf8') : '');
const parse = (name) => JSON.parse(read(name) || '{}');

let passed = 0;
let failed = 0;
let skipped = 0;
for (const line of read('go.jsonl').split('\n')) {
  if (!line.startsWith('{')) continue;
  const event = JSON.parse(line);
  if (!event.Test) continue;
  if (event.Action === 'pass') passed++;
  if (event.Action === 'fail') failed++;
  if (event.Action === 'skip') skipped++;
}
const unit = parse('web-unit.json');
passed += unit.numPassedTests ?? 0;
failed += unit.numFailedTests ?? 0;
skipped += (unit.numPendingTests ?? 0) + (unit.numTodoTests ?? 0);
const told = (word) => Number(read('client.xml').match(new RegExp(`<!-- ${word} (\\d+) -->`))?.[1] ?? 0);
passed += told('pass');
failed += told('fail') + told('cancelled');
skipped += told('skipped') + told('todo');
const e2e = parse('web-e2e.json').stats ?? {};
passed += (e2e.expected ?? 0) + (e2e.flaky ?? 0);
failed += e2e.unexpected ?? 0;
skipped += e2e.skipped ?? 0;

// A step can fail without a failing test: lint, types, a build.
failed = Math.max(failed, failedSteps.length);
for (const name of failedSteps) console.log(`failed: ${name}`);
if (skipped > 0) {
  console.log(`${skipped} tests were skipped, which this project does not allow`);
  failed += skipped;
}
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);
