/**
 * The live stream of this browser: one tab, elected by a Web Lock, holds the connection and passes its frames to the
 * others over a BroadcastChannel. When it closes another one takes over and resumes where that one was.
 */
import { useSyncExternalStore } from "react";
import { Connection } from "./connection";
import { INITIAL, type Input, type LiveState, reduce } from "./frames";

const NAME = "lead-engine stream";

type Message = { kind: "input"; input: Input } | { kind: "asked" } | { kind: "state"; state: LiveState };

export class Live {
  private state = INITIAL;
  private readonly channel = new BroadcastChannel(NAME);
  private readonly readers = new Set<() => void>();
  private readonly followers = new Set<(input: Input) => void>();
  private connection: Connection | null = null;
  private readonly ended = new AbortController();

  constructor() {
    this.channel.onmessage = (event: MessageEvent<Message>) => this.receive(event.data);
    this.channel.postMessage({ kind: "asked" } satisfies Message);
    this.lead().catch(() => undefined);
  }

  /** Call `follower` with every input, in order. Returns the function that ends it. */
  follow(follower: (input: Input) => void): () => void {
    this.followers.add(follower);
    return () => this.followers.delete(follower);
  }

  /** This tab has read again what it shows. It is about this tab only. */
  caughtUp(): void {
    this.apply({ kind: "caught-up" });
  }

  /** Connect again after the end of a session, in the tab that holds the connection. */
  reconnect(): void {
    this.connection?.again();
  }

  stop(): void {
    this.ended.abort();
    this.connection?.stop();
    this.channel.close();
  }

  readonly subscribe = (reader: () => void): (() => void) => {
    this.readers.add(reader);
    return () => this.readers.delete(reader);
  };

  readonly snapshot = (): LiveState => this.state;

  private async lead(): Promise<void> {
    const { signal } = this.ended;
    await navigator.locks.request(NAME, { signal }, async () => {
      this.connection = new Connection(
        () => this.state.lastId,
        (input) => {
          this.channel.postMessage({ kind: "input", input } satisfies Message);
          this.apply(input);
        },
      );
      await new Promise((resolve) => signal.addEventListener("abort", resolve));
    });
  }

  private receive(message: Message): void {
    if (message.kind === "input") this.apply(message.input);
    if (message.kind === "asked" && this.connection !== null) {
      this.channel.postMessage({ kind: "state", state: this.state } satisfies Message);
    }
    if (message.kind === "state" && this.state.status === "connecting") {
      this.state = message.state;
      for (const reader of this.readers) reader();
    }
  }

  private apply(input: Input): void {
    const before = this.state;
    this.state = reduce(before, input);
    for (const follower of this.followers) follower(input);
    if (this.state !== before) for (const reader of this.readers) reader();
  }
}

export function useLiveState(live: Live): LiveState {
  return useSyncExternalStore(live.subscribe, live.snapshot);
}
