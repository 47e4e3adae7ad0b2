/**
 * Gives up one exchange: when one of the caller's signals aborts, or when nothing moves for too long. Times are
 * real milliseconds, since latency is never scaled.
 */
export class Watch {
  readonly #controller = new AbortController();
  readonly #signals: readonly AbortSignal[];
  #timer: NodeJS.Timeout | undefined;
  #reject: ((reason: unknown) => void) | undefined;
  #timedOut: string | null = null;

  constructor(signals: readonly AbortSignal[]) {
    this.#signals = signals;
    for (const signal of signals) {
      if (signal.aborted) this.#onAbort();
      else signal.addEventListener('abort', this.#onAbort, { once: true });
    }
  }

  /** Aborts when the exchange is given up; for the fetch that does the work. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Code of the time-out that ended the exchange, null while none did. */
  get timedOut(): string | null {
    return this.#timedOut;
  }

  /** Waits for one step, at most `ms` without a `touch`. One step at a time. Work that heeds no signal is left behind. */
  async within<T>(ms: number, code: string, work: Promise<T>): Promise<T> {
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    this.#reject = reject;
    this.#timer = setTimeout(() => this.#expire(code), ms);
    work.then(resolve, reject);
    if (this.signal.aborted) reject(this.signal.reason);
    try {
      return await promise;
    } finally {
      clearTimeout(this.#timer);
      this.#timer = undefined;
      this.#reject = undefined;
    }
  }

  /** Something moved: the time of the step starts over. */
  touch(): void {
    this.#timer?.refresh();
  }

  /** Ends the exchange from this side. */
  abandon(): void {
    this.#onAbort();
    this.close();
  }

  /** Lets go of the caller's signals. */
  close(): void {
    clearTimeout(this.#timer);
    for (const signal of this.#signals) signal.removeEventListener('abort', this.#onAbort);
  }

  readonly #onAbort = (): void => this.#giveUp(new DOMException('the exchange was given up', 'AbortError'));

  #expire(code: string): void {
    this.#timedOut = code;
    this.#giveUp(new DOMException(code, 'TimeoutError'));
  }

  #giveUp(reason: DOMException): void {
    this.#controller.abort(reason);
    this.#reject?.(reason);
  }
}
