/**
 * Runs benchmarks, each in a process of its own, each printing one line of JSON: `npm run bench` runs all of them,
 * `npm run bench -- <name> [options]` one. Options without a name are those of `pipeline`.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const NAMES = ['pipeline', 'ceiling'] as const;

const [first, ...rest] = process.argv.slice(2);
const named = NAMES.find((name) => name === first);
if (first !== undefined && named === undefined && !first.startsWith('-')) {
  console.error(`${first}: allowed are ${NAMES.join(', ')}`);
  process.exit(2);
}
if (named !== undefined) await run(named, rest);
else if (first !== undefined) await run('pipeline', [first, ...rest]);
else for (const name of NAMES) await run(name, []);

async function run(name: (typeof NAMES)[number], options: readonly string[]): Promise<void> {
  const script = fileURLToPath(new URL(`./${name}.ts`, import.meta.url));
  const child = spawn(process.execPath, [script, ...options], { stdio: 'inherit' });
  const [code] = await once(child, 'exit');
  if (code !== 0) process.exitCode = typeof code === 'number' ? code : 1;
}
