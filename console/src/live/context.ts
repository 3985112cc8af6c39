import { createContext, useContext, useEffect, useRef } from "react";
import type { Live } from "./live";

export const LiveContext = createContext<Live | null>(null);

/** Call the function at every sign of news: a frame that names leads, and each new beginning of the stream. */
export function useNews(tell: () => void): void {
  const live = useContext(LiveContext);
  const latest = useRef(tell);
  latest.current = tell;
  useEffect(
    () =>
      live?.follow((input) => {
        const isNews = input.kind === "frame" && ["hello", "leads", "reset"].includes(input.name);
        if (isNews) latest.current();
      }),
    [live],
  );
}
