import { type Document, isMap, isNode, LineCounter, parseDocument } from 'yaml';
import type { z } from 'zod';
import type { ConfigFault } from '../core/errors.ts';
import { type FerryYaml, ferryYamlSchema } from './ferry-yaml-schema.ts';
import { DEFAULT_POLICY, overlay, policySchema } from './policy.ts';

export interface ParsedYaml {
  yaml: FerryYaml | null;
  faults: ConfigFault[];
  /** 1-based line of a path in the file; the nearest parent's where the path is absent. */
  lineOf(path: readonly PropertyKey[]): number;
}

/** Reads the text of `ferry.yaml`; every fault at once, each with its line. */
export function parseFerryYaml(text: string, file: string): ParsedYaml {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const lineOf = (path: readonly PropertyKey[]) => lineOfPath(document, lines, path);
  const faults: ConfigFault[] = document.errors.map((error) => ({
    file,
    line: lines.linePos(error.pos[0]).line,
    found: error.message.split('\n')[0] ?? 'a syntax error',
    allowed: 'YAML as `ferry init` writes it',
  }));
  if (faults.length > 0) return { yaml: null, faults, lineOf };
  const content: unknown = document.toJS() ?? {};
  const parsed = ferryYamlSchema.safeParse(content);
  const issues = parsed.success ? policyIssues(parsed.data) : [...parsed.error.issues];
  for (const issue of issues) faults.push(...faultsOf(issue, content, file, lineOf));
  return { yaml: faults.length === 0 && parsed.success ? parsed.data : null, faults, lineOf };
}

/** An organisation's policy holds only what differs; it is checked as laid over the programme's. */
function policyIssues(yaml: FerryYaml): z.core.$ZodIssue[] {
  return yaml.organisations.flatMap((organisation, index) => {
    if (organisation.policy === undefined) return [];
    const parsed = policySchema.safeParse(overlay(DEFAULT_POLICY, organisation.policy));
    if (parsed.success) return [];
    return parsed.error.issues.map((issue) => ({
      ...issue,
      path: ['organisations', index, 'policy', ...issue.path],
    }));
  });
}

function faultsOf(
  issue: z.core.$ZodIssue,
  content: unknown,
  file: string,
  lineOf: (path: readonly PropertyKey[]) => number,
): ConfigFault[] {
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({
      file,
      line: lineOf([...issue.path, key]),
      found: `${[...issue.path, key].join('.')}: an unknown key`,
      allowed: 'the keys that `ferry init` shows',
    }));
  }
  const found = valueAt(content, issue.path);
  return [
    {
      file,
      line: lineOf(issue.path),
      found: `${issue.path.join('.') || 'the file'}: ${found === undefined ? 'nothing' : brief(found)}`,
      allowed: issue.message,
    },
  ];
}

function valueAt(content: unknown, path: readonly PropertyKey[]): unknown {
  let value = content;
  for (const step of path) {
    if (typeof value !== 'object' || value === null) return undefined;
    value = (value as Record<PropertyKey, unknown>)[step];
  }
  return value;
}

/** Short, and without the password of an address. */
function brief(value: unknown): string {
  const text = (JSON.stringify(value) ?? String(value)).replace(/\/\/[^"]*@/g, '//***@');
  return text.length > 80 ? `${text.slice(0, 77)}...` : text;
}

function lineOfPath(document: Document, lines: LineCounter, path: readonly PropertyKey[]): number {
  for (let depth = path.length; depth > 0; depth--) {
    const parent = depth === 1 ? document.contents : document.getIn(path.slice(0, depth - 1), true);
    const key = path[depth - 1];
    const pair = isMap(parent) ? parent.items.find((item) => String(item.key) === String(key)) : undefined;
    const node =
      pair !== undefined && isNode(pair.key) ? pair.key : document.getIn(path.slice(0, depth), true);
    if (isNode(node) && node.range) return lines.linePos(node.range[0]).line;
  }
  return 1;
}
