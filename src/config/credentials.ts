import { createPrivateKey, X509Certificate } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { z } from 'zod';
import type {
  SourceConnection,
  SourceCredential,
  TargetConnection,
  TargetCredential,
} from '../core/connections.ts';
import type { ConfigFault } from '../core/errors.ts';
import type { SourceYaml, TargetYaml } from './ferry-yaml-schema.ts';
import { isLoopback } from './ferry-yaml-schema.ts';

export interface CredentialContext {
  /** Folder that relative paths start from. */
  dir: string;
  file: string;
  /** Line of the `credential` key. */
  line: number;
  env: Readonly<Record<string, string | undefined>>;
  faults: ConfigFault[];
}

const keyFile = z.object({
  client_email: z.string().min(3),
  private_key: z.string().min(10),
  private_key_id: z.string().default(''),
  token_uri: z.url().default('https://oauth2.googleapis.com/token'),
});

/** Reads what `source.credential` names; adds faults and returns null where it cannot be used. */
export function sourceConnection(yaml: SourceYaml, context: CredentialContext): SourceConnection | null {
  const credential = sourceCredential(yaml.credential, context);
  if (credential === null) return null;
  const { tenant, client, authority, endpoint } = yaml;
  return { tenant, client, credential, authority, endpoint };
}

/** Reads what `target.credential` names; adds faults and returns null where it cannot be used. */
export function targetConnection(yaml: TargetYaml, context: CredentialContext): TargetConnection | null {
  const credential = targetCredential(yaml.credential, context);
  if (credential === null) return null;
  const { customer, admin, endpoint } = yaml;
  return { customer, admin, credential, endpoint };
}

function sourceCredential(
  yaml: SourceYaml['credential'],
  context: CredentialContext,
): SourceCredential | null {
  if ('secretEnv' in yaml) {
    const secret = context.env[yaml.secretEnv];
    if (secret) return { kind: 'secret', secret };
    return refuse(
      context,
      `the variable ${yaml.secretEnv} is not set`,
      'the client secret in that environment variable',
    );
  }
  if ('federatedTokenFile' in yaml) {
    const tokenFile = resolve(context.dir, yaml.federatedTokenFile);
    if (existsSync(tokenFile)) return { kind: 'federated', tokenFile };
    return refuse(
      context,
      `no file ${yaml.federatedTokenFile}`,
      'the file that the identity provider keeps up to date',
    );
  }
  const pem = read(yaml.certificate, context);
  if (pem === null) return null;
  const certificatePem = /-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/.exec(pem)?.[0];
  const privateKeyPem =
    /-----BEGIN (?:RSA |EC )?PRIVATE KEY-----[\s\S]+?-----END (?:RSA |EC )?PRIVATE KEY-----/.exec(pem)?.[0];
  if (certificatePem === undefined || privateKeyPem === undefined || !usable(certificatePem, privateKeyPem)) {
    return refuse(
      context,
      `${yaml.certificate} without a usable pair`,
      'a PEM file with certificate and unencrypted private key',
    );
  }
  return { kind: 'certificate', certificatePem, privateKeyPem };
}

function targetCredential(
  yaml: TargetYaml['credential'],
  context: CredentialContext,
): TargetCredential | null {
  if ('keyless' in yaml) return { kind: 'keyless', serviceAccount: yaml.serviceAccount };
  const text = read(yaml.keyFile, context);
  if (text === null) return null;
  const parsed = keyFile.safeParse(parseJson(text));
  if (!parsed.success) {
    return refuse(
      context,
      `${yaml.keyFile} is no key file`,
      'the JSON key of a service account (client_email, private_key, token_uri)',
    );
  }
  const {
    client_email: clientEmail,
    private_key: privateKeyPem,
    private_key_id: privateKeyId,
    token_uri: tokenUri,
  } = parsed.data;
  const uri = new URL(tokenUri);
  if (uri.protocol !== 'https:' && !isLoopback(uri.hostname)) {
    return refuse(context, `token_uri ${tokenUri}`, 'https (plain http is for loopback alone)');
  }
  try {
    createPrivateKey(privateKeyPem);
  } catch {
    return refuse(context, `the private_key of ${yaml.keyFile}`, 'an unencrypted PEM private key');
  }
  return { kind: 'key', clientEmail, privateKeyId, privateKeyPem, tokenUri };
}

function usable(certificatePem: string, privateKeyPem: string): boolean {
  try {
    return new X509Certificate(certificatePem).checkPrivateKey(createPrivateKey(privateKeyPem));
  } catch {
    return false;
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function read(path: string, context: CredentialContext): string | null {
  try {
    return readFileSync(resolve(context.dir, path), 'utf8');
  } catch {
    return refuse(context, `the file ${path} cannot be read`, 'a readable file');
  }
}

function refuse(context: CredentialContext, found: string, allowed: string): null {
  context.faults.push({ file: context.file, line: context.line, found, allowed });
  return null;
}
