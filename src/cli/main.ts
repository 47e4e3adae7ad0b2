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
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
});

process.exit(
  await runCli({
    argv: process.argv.slice(2),
    env: process.env,
    cwd: process.cwd(),
    streams: { stdout: process.stdout, stderr: process.stderr },
    signal: stop.signal,
  }),
);
