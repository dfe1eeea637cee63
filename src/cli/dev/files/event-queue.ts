/** Events in the order they came, taken one at a time; an event that is waiting already is not queued twice. */
export class EventQueue<Event extends string> {
  readonly #waiting: Event[] = [];
  #wake: (() => void) | null = null;

  push(event: Event): void {
    if (!this.#waiting.includes(event)) this.#waiting.push(event);
    this.#wake?.();
  }

  async next(): Promise<Event> {
    for (;;) {
      const event = this.#waiting.shift();
      if (event !== undefined) return event;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }
}
