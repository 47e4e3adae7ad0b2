import type { Resource } from '../estate/types.ts';
import { badRequest } from './refusal.ts';

/** A `$filter` expression: what it accepts, and the properties it names in their order. */
export interface Filter {
  accepts(resource: Resource): boolean;
  properties: readonly string[];
}

type Value = string | number | boolean | null | Date;
type Scope = (path: string) => unknown;
type Evaluate = (scope: Scope) => unknown;

const TOKEN = /\s*('(?:[^']|'')*'|[(),:]|[^\s'(),:]+(?::\d\d[^\s'(),]*)*)/y;
const DATE = /^\d{4}-\d\d-\d\dT[\d:.]+(Z|[+-]\d\d:\d\d)$/;
const COMPARISONS: ReadonlySet<string> = new Set(['eq', 'ne', 'ge', 'gt', 'le', 'lt']);

/**
 * Reads the part of OData's filter language that Graph's list pages document: comparisons, `in`, `and`, `or`, `not`,
 * `startswith`, `endswith`, `contains` and `any`. Throws a 400 for anything else.
 */
export function parseFilter(text: string): Filter {
  const parser = new Parser(text);
  const evaluate = parser.parse();
  return {
    accepts: (resource) => evaluate((path) => propertyAt(resource, path)) === true,
    properties: parser.properties,
  };
}

function propertyAt(resource: unknown, path: string): unknown {
  let value = resource;
  for (const step of path.split('/')) {
    if (typeof value !== 'object' || value === null) return null;
    value = (value as Resource)[step] ?? null;
  }
  return value;
}

class Parser {
  readonly properties: string[] = [];
  private readonly tokens: readonly string[];
  private at = 0;
  private variable: string | null = null;

  constructor(text: string) {
    this.tokens = tokenize(text);
  }

  parse(): Evaluate {
    const whole = this.either();
    if (this.at < this.tokens.length) throw invalid();
    return whole;
  }

  private either(): Evaluate {
    let left = this.both();
    while (this.take('or')) {
      const [first, second] = [left, this.both()];
      left = (scope) => first(scope) === true || second(scope) === true;
    }
    return left;
  }

  private both(): Evaluate {
    let left = this.single();
    while (this.take('and')) {
      const [first, second] = [left, this.single()];
      left = (scope) => first(scope) === true && second(scope) === true;
    }
    return left;
  }

  private single(): Evaluate {
    if (this.take('not')) {
      const negated = this.single();
      return (scope) => negated(scope) !== true;
    }
    if (this.take('(')) {
      const inner = this.either();
      this.expect(')');
      return inner;
    }
    return this.comparison();
  }

  private comparison(): Evaluate {
    const left = this.operand();
    const operator = this.tokens[this.at];
    if (operator === 'in') return this.membership(left);
    if (operator === undefined || !COMPARISONS.has(operator)) return left;
    this.at++;
    const right = this.operand();
    return (scope) => compare(operator, left(scope), right(scope));
  }

  private membership(left: Evaluate): Evaluate {
    this.at++;
    this.expect('(');
    const choices = [this.operand()];
    while (this.take(',')) choices.push(this.operand());
    this.expect(')');
    return (scope) => choices.some((choice) => compare('eq', left(scope), choice(scope)));
  }

  private operand(): Evaluate {
    const token = this.tokens[this.at++];
    if (token === undefined || token === ')' || token === ',') throw invalid();
    const literal = literalOf(token);
    if (literal !== undefined) return () => literal;
    if (this.tokens[this.at] === '(') return this.call(token);
    if (this.variable !== null && token.split('/')[0] === this.variable) {
      const rest = token.slice(this.variable.length + 1);
      return (scope) => scope(`$it${rest ? `/${rest}` : ''}`);
    }
    this.properties.push(token);
    return (scope) => scope(token);
  }

  private call(name: string): Evaluate {
    this.expect('(');
    if (name.endsWith('/any')) return this.any(name.slice(0, -'/any'.length));
    const test = textTest(name);
    const subject = this.operand();
    this.expect(',');
    const part = this.operand();
    this.expect(')');
    return (scope) => test(textOf(subject(scope)), textOf(part(scope)));
  }

  private any(path: string): Evaluate {
    this.properties.push(path);
    const outer = this.variable;
    this.variable = this.tokens[this.at++] ?? null;
    this.expect(':');
    const inner = this.either();
    this.expect(')');
    this.variable = outer;
    return (scope) => {
      const list = scope(path);
      return (
        Array.isArray(list) && list.some((one) => inner((step) => propertyAt({ $it: one }, step)) === true)
      );
    };
  }

  private take(token: string): boolean {
    if (this.tokens[this.at] !== token) return false;
    this.at++;
    return true;
  }

  private expect(token: string): void {
    if (!this.take(token)) throw invalid();
  }
}

function tokenize(text: string): string[] {
  const tokens: string[] = [];
  TOKEN.lastIndex = 0;
  const source = text.trim();
  while (TOKEN.lastIndex < source.length) {
    const found = TOKEN.exec(source);
    if (!found?.[1]) throw invalid();
    tokens.push(found[1]);
  }
  return tokens;
}

function literalOf(token: string): Value | undefined {
  if (token.startsWith("'")) return token.slice(1, -1).replaceAll("''", "'");
  if (token === 'null') return null;
  if (token === 'true' || token === 'false') return token === 'true';
  if (/^-?\d+(\.\d+)?$/.test(token)) return Number(token);
  if (DATE.test(token)) return new Date(token);
  return undefined;
}

function compare(operator: string, left: unknown, right: unknown): boolean {
  const order = orderOf(left, right);
  if (operator === 'eq') return order === 0;
  if (operator === 'ne') return order !== 0;
  if (order === null || left === null || right === null) return false;
  if (operator === 'ge') return order >= 0;
  if (operator === 'gt') return order > 0;
  return operator === 'le' ? order <= 0 : order < 0;
}

/** Negative, zero or positive; null where the two cannot be compared. Text compares without regard to case. */
function orderOf(left: unknown, right: unknown): number | null {
  if (left === null || right === null) return left === right ? 0 : null;
  if (right instanceof Date || left instanceof Date) return timeOf(left) - timeOf(right);
  if (typeof left === 'number' && typeof right === 'number') return left - right;
  if (typeof left === 'boolean' || typeof right === 'boolean') return left === right ? 0 : null;
  const [one, other] = [textOf(left).toLowerCase(), textOf(right).toLowerCase()];
  if (one === other) return 0;
  return one < other ? -1 : 1;
}

function timeOf(value: unknown): number {
  return value instanceof Date ? value.getTime() : Date.parse(textOf(value));
}

function textOf(value: unknown): string {
  return value === null || value === undefined ? '' : String(value);
}

function textTest(name: string): (subject: string, part: string) => boolean {
  const fold = (text: string) => text.toLowerCase();
  if (name === 'startswith') return (subject, part) => fold(subject).startsWith(fold(part));
  if (name === 'endswith') return (subject, part) => fold(subject).endsWith(fold(part));
  if (name === 'contains') return (subject, part) => fold(subject).includes(fold(part));
  throw invalid();
}

function invalid(): Error {
  return badRequest('Invalid filter clause');
}
