/**
 * Runs benchmarks, each in a process of its own, each printing one line of JSON: `npm run bench` runs `pipeline` (some
 * two minutes), `npm run bench -- <name> [options]` another one, `npm run bench -- all` every one, which takes most of
 * an hour. Options without a name are those of `pipeline`.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const NAMES = ['pipeline', 'ceiling', 'ledger'] as const;

const [first, ...rest] = process.argv.slice(2);
const named = NAMES.find((name) => name === first);
if (first === 'all') for (const name of NAMES) await run(name, rest);
else if (named !== undefined) await run(named, rest);
else if (first === undefined || first.startsWith('-')) await run('pipeline', process.argv.slice(2));
else {
  console.error(`${first}: allowed are all, ${NAMES.join(', ')}`);
  process.exit(2);
}

async function run(name: (typeof NAMES)[number], options: readonly string[]): Promise<void> {
  const script = fileURLToPath(new URL(`./${name}.ts`, import.meta.url));
  const child = spawn(process.execPath, [script, ...options], { stdio: 'inherit' });
  const [code] = await once(child, 'exit');
  if (code !== 0) process.exitCode = typeof code === 'number' ? code : 1;
}
