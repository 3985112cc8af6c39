/** Following the event log: read at every sign of news and every few seconds, one read at a time, until it is paused. */
import { useCallback, useEffect, useRef, useState } from "react";
import { api, read } from "../api/client";
import { useNews } from "../live/context";
import { EMPTY, extended, type Tail } from "./tail";

const PART = 200;
const BEGIN_WITH = 100;
const EVERY_MS = 3_000;

export function useTail(paused: boolean): { tail: Tail; error: unknown; skip: () => void } {
  const [tail, setTail] = useState<Tail>(EMPTY);
  const [error, setError] = useState<unknown>(null);
  const latest = useRef(tail);
  const reading = useRef(false);
  const stopped = useRef(paused);
  stopped.current = paused;
  const next = useCallback(async () => {
    if (reading.current || stopped.current) return;
    reading.current = true;
    try {
      do {
        const { cursor } = latest.current;
        const query = cursor === null ? { limit: BEGIN_WITH } : { limit: PART, cursor };
        const part = await read(api.GET("/api/event-log", { params: { query } }));
        // Where somebody has skipped meanwhile, this part belongs to the place before.
        if (latest.current.cursor !== cursor) continue;
        latest.current = extended(latest.current, part);
        setTail(latest.current);
        setError(null);
      } while (latest.current.more && !stopped.current);
    } catch (problem) {
      setError(problem);
    } finally {
      reading.current = false;
    }
  }, []);
  useNews(() => void next());
  useEffect(() => {
    if (paused) return;
    void next();
    const timer = setInterval(() => void next(), EVERY_MS);
    return () => clearInterval(timer);
  }, [paused, next]);
  const skip = useCallback(() => {
    latest.current = { ...EMPTY, dropped: 0 };
    setTail(latest.current);
    void next();
  }, [next]);
  return { tail, error, skip };
}
