/** Emits the JavaScript of the npm package: Node strips no types under `node_modules`. */
import { execFileSync } from 'node:child_process';
import { chmodSync, copyFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const dist = join(root, 'dist');

rmSync(dist, { recursive: true, force: true });
execFileSync(join(root, 'node_modules/.bin/tsc'), ['-p', 'tsconfig.build.json'], {
  cwd: root,
  stdio: 'inherit',
});
copyFileSync(join(root, 'src/cli/bin.cjs'), join(dist, 'src/cli/bin.cjs'));
chmodSync(join(dist, 'src/cli/bin.cjs'), 0o755);
