/** At most so many units of work at once, each under a name that no two share. Work must not reject. */
export class Lanes {
  readonly #width: number;
  readonly #active = new Map<string, Promise<void>>();

  constructor(width: number) {
    this.#width = width;
  }

  has(name: string): boolean {
    return this.#active.has(name);
  }

  get isIdle(): boolean {
    return this.#active.size === 0;
  }

  /** Resolves when a lane is free. */
  async free(): Promise<void> {
    while (this.#active.size >= this.#width) await this.next();
  }

  /** Resolves when any unit ends; at once when none runs. */
  async next(): Promise<void> {
    if (this.#active.size > 0) await Promise.race(this.#active.values());
  }

  async idle(): Promise<void> {
    while (this.#active.size > 0) await this.next();
  }

  start(name: string, work: () => Promise<void>): void {
    const running = work().finally(() => this.#active.delete(name));
    this.#active.set(name, running);
  }
}
