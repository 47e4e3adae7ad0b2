import type { Clock } from '../../src/core/clock.ts';
import { Interrupted } from '../../src/core/errors.ts';

interface Timer {
  due: number;
  resolve: () => void;
}

/**
 * A clock that jumps to the next timer as soon as nothing else can run, without being driven. `now` and `ticks` start
 * apart, so that code which mixes them up fails. Waits are in scaled ms, `now` in real ones.
 */
export class IdleClock implements Clock {
  readonly scale: number;
  readonly #timers: Timer[] = [];
  readonly #epochMs: number;
  #elapsedMs = 0;
  #isPumping = false;

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

  /** Moves time on without waking anybody: a pause between two processes. */
  skip(ms: number): void {
    this.#elapsedMs += ms;
  }

  wait(ms: number, signal?: AbortSignal): Promise<void> {
    if (signal?.aborted) return Promise.reject(new Interrupted());
    return new Promise((resolve, reject) => {
      const timer = { due: this.#elapsedMs + Math.max(0, ms), resolve: () => {} };
      const onAbort = () => {
        const position = this.#timers.indexOf(timer);
        if (position >= 0) this.#timers.splice(position, 1);
        reject(new Interrupted());
      };
      timer.resolve = () => {
        signal?.removeEventListener('abort', onAbort);
        resolve();
      };
      signal?.addEventListener('abort', onAbort, { once: true });
      this.#timers.push(timer);
      this.#pump();
    });
  }

  #pump(): void {
    if (this.#isPumping) return;
    this.#isPumping = true;
    setImmediate(() => {
      this.#isPumping = false;
      this.#fireNext();
    });
  }

  #fireNext(): void {
    let first = -1;
    for (const [position, { due }] of this.#timers.entries())
      if (first < 0 || due < this.#timers[first]!.due) first = position;
    if (first < 0) return;
    const [timer] = this.#timers.splice(first, 1);
    this.#elapsedMs = Math.max(this.#elapsedMs, timer!.due);
    timer!.resolve();
    if (this.#timers.length > 0) this.#pump();
  }
}
