import { useEffect, useRef, useState } from "react";

/**
 * Act now, or as soon as what it needs has come: a key that is pressed while something loads is not lost. Several presses
 * meanwhile are one.
 */
export function useOnceReady(ready: boolean, act: () => void): () => void {
  const [waiting, setWaiting] = useState(false);
  const latest = useRef(act);
  latest.current = act;
  useEffect(() => {
    if (!waiting || !ready) return;
    setWaiting(false);
    latest.current();
  }, [waiting, ready]);
  return () => (ready ? latest.current() : setWaiting(true));
}
