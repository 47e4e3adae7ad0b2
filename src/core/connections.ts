/** How to reach one end. Built by `src/config` from `ferry.yaml`; secrets live here in memory and nowhere else. */

export type SourceCredential =
  | { kind: 'secret'; secret: string }
  | { kind: 'certificate'; certificatePem: string; privateKeyPem: string }
  | { kind: 'federated'; tokenFile: string };

export interface SourceConnection {
  tenant: string;
  client: string;
  credential: SourceCredential;
  /** Origin of the Entra authority, no trailing slash. */
  authority: string;
  /** Origin of Graph, no trailing slash and no version. */
  endpoint: string;
}

export type TargetCredential =
  | { kind: 'key'; clientEmail: string; privateKeyId: string; privateKeyPem: string; tokenUri: string }
  | { kind: 'keyless'; serviceAccount: string };

export interface TargetConnection {
  customer: string;
  /** The administrator that directory calls impersonate. */
  admin: string;
  credential: TargetCredential;
  /** One root for all Google APIs (rehearsals), no trailing slash; null = Google's own hosts. */
  endpoint: string | null;
}
