import { runCli } from './program.ts';

const stop = new AbortController();
let asked = 0;
for (const name of ['SIGINT', 'SIGTERM'] as const) {
  process.on(name, () => {
    asked += 1;
    if (asked > 1) process.exit(130);
    stop.abort();
  });
}
if (process.env.npm_lifecycle_event !== undefined) {
  // npm passes a signal on to its shell alone; ferry is then left behind as an orphan.
  const parent = process.ppid;
  setInterval(() => process.ppid !== parent && stop.abort(), 500).unref();
}
// A reader that has gone away (`| head`) ends the work as cleanly as Ctrl-C; lost progress lines matter to nobody.
process.stdout.on('error', () => stop.abort());
process.stderr.on('error', () => {});

process.exit(
  await runCli({
    argv: process.argv.slice(2),
    env: process.env,
    cwd: process.cwd(),
    streams: { stdout: process.stdout, stderr: process.stderr },
    signal: stop.signal,
  }),
);
