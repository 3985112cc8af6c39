/** One connection to the live stream at a time, made again after every kind of loss, until it is stopped. */
import { nowMs } from "../clock";
import { FRAMES, type Input, pauseBefore } from "./frames";

const SILENT_MS = 40_000;

export class Connection {
  private source: EventSource | null = null;
  private timer = 0;
  private watchdog = 0;
  private attempt = 0;
  private heardAt = 0;
  private stopped = false;

  /** `resumeFrom` gives the id of the last frame that any tab has seen. */
  constructor(
    private readonly resumeFrom: () => string | null,
    private readonly emit: (input: Input) => void,
  ) {
    addEventListener("online", this.again);
    addEventListener("offline", this.lost);
    document.addEventListener("visibilitychange", this.lookAgain);
    this.open();
  }

  stop(): void {
    this.stopped = true;
    removeEventListener("online", this.again);
    removeEventListener("offline", this.lost);
    document.removeEventListener("visibilitychange", this.lookAgain);
    this.close();
  }

  private open(): void {
    this.close();
    const after = this.resumeFrom();
    // A browser repeats `Last-Event-ID` by itself only after a cut, and gives up for ever after an error status.
    const source = new EventSource(
      after === null ? "/api/stream" : `/api/stream?after=${encodeURIComponent(after)}`,
    );
    this.source = source;
    this.heard();
    for (const name of FRAMES) {
      source.addEventListener(name, (event: MessageEvent<string>) => {
        this.heard();
        if (name === "hello") this.attempt = 0;
        this.emit({ kind: "frame", name, id: event.lastEventId, data: parsed(event.data) });
        if (name === "bye") this.leave(event.data);
      });
    }
    source.onerror = this.lost;
  }

  private leave(data: string): void {
    this.close();
    // A session that has ended may have been followed by another one: whoever knows connects again.
    if (!data.includes('"revoked"')) this.later();
  }

  private readonly lost = (): void => {
    this.close();
    if (this.stopped) return;
    this.emit({ kind: "lost", at: nowMs() });
    this.later();
  };

  private later(): void {
    this.timer = window.setTimeout(this.again, pauseBefore(this.attempt, Math.random()) * 1000);
    this.attempt += 1;
  }

  readonly again = (): void => {
    if (!this.stopped) this.open();
  };

  /** A page that was asleep may hold a connection that died meanwhile. */
  private readonly lookAgain = (): void => {
    if (document.visibilityState !== "visible") return;
    if (this.source === null || performance.now() - this.heardAt > SILENT_MS) this.again();
  };

  private heard(): void {
    this.heardAt = performance.now();
    clearTimeout(this.watchdog);
    this.watchdog = window.setTimeout(this.lost, SILENT_MS);
  }

  private close(): void {
    clearTimeout(this.timer);
    clearTimeout(this.watchdog);
    this.source?.close();
    this.source = null;
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
