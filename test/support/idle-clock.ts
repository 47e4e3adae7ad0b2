import type { Clock } from '../../src/core/clock.ts';
import { Interrupted } from '../../src/core/errors.ts';

interface Timer {
  due: number;
  resolve: () => void;
  reject: (error: unknown) => void;
}

/**
 * A clock that moves to the next timer as soon as nothing else can run. `now` and `ticks` start apart, so that code
 * which mixes them up fails; `scale` divides waits as the real clock does.
 */
export class IdleClock implements Clock {
  readonly scale: number;
  readonly #timers: Timer[] = [];
  #elapsedMs = 0;
  #epochMs: number;
  #pumping = false;
  waits = 0;

  constructor(scale = 1, epochMs = Date.UTC(2027, 0, 1)) {
    this.scale = scale;
    this.#epochMs = epochMs;
  }

  now(): number {
    return this.#epochMs + this.#elapsedMs / this.scale;
  }

  ticks(): number {
    return this.#elapsedMs;
  }

  /** Moves time without waking anybody: a pause between two processes. */
  pass(ms: number): void {
    this.#elapsedMs += ms;
  }

  wait(ms: number, signal?: AbortSignal): Promise<void> {
    if (signal?.aborted) return Promise.reject(new Interrupted());
    this.waits += 1;
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const timer = { due: this.#elapsedMs + Math.max(0, ms), resolve, reject };
    this.#timers.push(timer);
    const onAbort = () => {
      const position = this.#timers.indexOf(timer);
      if (position >= 0) this.#timers.splice(position, 1);
      reject(new Interrupted());
    };
    signal?.addEventListener('abort', onAbort, { once: true });
    this.#pump();
    return promise.finally(() => signal?.removeEventListener('abort', onAbort));
  }

  #pump(): void {
    if (this.#pumping) return;
    this.#pumping = true;
    setImmediate(() => this.#fire());
  }

  #fire(): void {
    this.#pumping = false;
    const [first] = this.#timers.toSorted((one, other) => one.due - other.due);
    if (first === undefined) return;
    this.#timers.splice(this.#timers.indexOf(first), 1);
    this.#elapsedMs = Math.max(this.#elapsedMs, first.due);
    first.resolve();
    if (this.#timers.length > 0) this.#pump();
  }
}
