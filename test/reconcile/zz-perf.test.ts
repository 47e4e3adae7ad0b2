import { it } from 'vitest';
import { reconcile } from '../../src/reconcile/reconcile.ts';
import { checkOptions, cleanEstate } from '../support/check-estate.ts';
import { message , folder, label} from '../support/fact-builders.ts';
it(`perf`, async () => {
  const e = cleanEstate();
  e.principals = e.principals.slice(0,1);
  const F=800;
  e.source.containers = async function* () { for (let i=0;i<F;i++) yield folder(`d${i}`, ['Top', `A Folder ${i}`]); };
  e.target.containers = async function* () { for (let i=0;i<F;i++) yield label(`Label_${i}`, `Top/A Folder ${i}`); };
  e.source.messages = async function* () { for (let i=0;i<100000;i++) yield message(`p${i}`, [`d${i%F}`]); };
  e.target.messages = async function* () { for (let i=0;i<100000;i++) yield message(`p${i}`, [`Label_${i%F}`]); };
  const o = checkOptions(e, { workloads: new Set(['mail']) });
  const t=performance.now();
  const r = await reconcile(o);
  console.log((performance.now()-t)|0,'ms', (process.memoryUsage().rss/1e6)|0, r.totals.mail);
  r.store.close();
}, 300000);
