import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Config } from '../../core/errors.ts';
import type { Context } from '../context.ts';
import type { ExitCode } from '../exit-codes.ts';

/** Writes a commented `ferry.yaml`; never over an existing one. */
export async function init(context: Context): Promise<ExitCode> {
  const path = join(context.dir, 'ferry.yaml');
  if (existsSync(path)) {
    const fault = {
      file: 'ferry.yaml',
      line: 0,
      found: 'a file of that name',
      allowed: 'a folder without one',
    };
    throw new Config('there is a ferry.yaml already', [fault]);
  }
  mkdirSync(context.dir, { recursive: true });
  writeFileSync(path, TEMPLATE);
  context.output.verdict('Wrote ferry.yaml. Fill it in, then run `ferry discover`.', 0, {
    path: 'ferry.yaml',
  });
  return 0;
}

const TEMPLATE = `# Tenant Ferry. What is commented out is optional.
source:
  tenant: 11111111-2222-3333-4444-555555555555      # Entra tenant id
  client: 66666666-7777-8888-9999-000000000000      # application (client) id, application permissions only
  credential: { certificate: ./entra.pem }          # PEM with certificate and private key
  # credential: { secretEnv: FERRY_GRAPH_SECRET }   # name of an environment variable, never the secret itself
  # credential: { federatedTokenFile: ./token }     # workload identity federation
  # authority: https://login.microsoftonline.com    # national clouds name another
  # endpoint: https://graph.microsoft.com

target:
  customer: my_customer
  admin: migration-admin@new.example                # the administrator that directory calls act as
  credential: { keyFile: ./service-account.json }   # its token_uri is honoured
  # credential: { serviceAccount: ferry@project.iam.gserviceaccount.com, keyless: true }
  # endpoint: https://…                             # one root for all Google APIs; unset = Google's own hosts

# reconcile:                                        # optional second pair of credentials, read-only, for the check
#   source: { tenant: …, client: …, credential: { certificate: ./checker.pem } }
#   target: { customer: my_customer, admin: checker@new.example, credential: { keyFile: ./checker.json } }

# ledger: { env: FERRY_DATABASE }                  # keeps the ledger in PostgreSQL: a variable that holds
#                                                 # postgres://USER:PASSWORD@HOST:PORT/DATABASE (or FERRY_LEDGER is set)
# programme: my-programme                         # names its schema there; unset = the name of this folder

organisations:
  - id: health-regulator
    domains: { regulator.example.org: new.example.org }   # source domain: target domain
    orgUnit: /Regulator
    # deadline: 2027-04-01
    # unfinished: false                             # true: the checker says Incomplete instead of a verdict
    # policy: { mail: { junk: move } }              # overrides of the policy below

policy:
  mail:
    # since: 2020-01-01        # older mail is excluded
    # until: 2026-12-31        # later mail is excluded
    # maxBytes: 157286400      # larger mail is excluded
    trashDays: 30              # deleted mail older than this is excluded
    junk: skip                 # skip or move
    order: oldest              # oldest or newest first
    emptyFolders: true
    categories: label          # label or skip
    drafts: true
    readReceipts: neutralise   # neutralise or keep
  calendar:
    yearsBack: 5               # events that ended earlier are excluded
    teamsLinks: keep           # keep or drop the links to Teams meetings in the description
    attachments: names         # names lists attachments in the description; or drop
    cancelled: skip            # skip or keep cancelled events
  directory:
    securityGroups: skip       # skip or create groups without an address
    dynamicGroups: static      # static copies the present members; or skip
    sharedMailboxes: auto      # auto, user, group or skip
    licences: auto             # auto leaves them to the target's automatic assignment; or none
  delta:
    deletions: report          # report or apply what was deleted at the source since the last pass
    moves: apply               # apply or report what was moved at the source since the last pass
  reconcile:
    userChanges: ask           # agree accepts what a user moved or deleted at Google after ferry's receipt
    window: { yearsBack: 2, yearsAhead: 2 }   # in which calendars are compared as occurrences
  privacy: hashed              # how much reports show: counts, hashed or full

# quota:                       # the vendors' limits, where yours differ from the published ones
#   gmail: 2026                # or legacy: a Cloud project that used the Gmail API between November 2025 and April 2026
#   overrides:                 # rows of the limit tables by bucket: units, windowMs, concurrency
#     gmail:user: { units: 15000 }
#     graph:identity: { units: 8000 }              # a tenant with more than 500 users
#   dailyBudget:               # per Google project; null for no budget
#     gmailUnits: 80000000     # above this Google announces charges
#     calendarRequests: 1000000
#     atLimit: stop            # stop (exit code 5, resume the next day) or continue
#     zone: America/Los_Angeles                    # its midnight starts the next day
`;
