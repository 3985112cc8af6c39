/** The states that every screen has: loading, failed, empty. */
import { type ReactNode, useEffect, useState } from "react";
import { Problem } from "../api/client";

/** Nothing for 300 ms, then the shape of what comes. */
export function Loading({ what, rows = 6 }: { what: string; rows?: number }) {
  const [late, setLate] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setLate(true), 300);
    return () => clearTimeout(timer);
  }, []);
  return (
    <div className="pad" role="status" aria-label={`Loading ${what}`}>
      {late &&
        Array.from({ length: rows }, (_, index) => (
          <span key={`bone-${index.toString()}`} className="bones" />
        ))}
    </div>
  );
}

/** What failed, and what to do now. */
export function Failure({ what, error, retry }: { what: string; error: unknown; retry?: () => void }) {
  const problem = error instanceof Problem ? error : null;
  return (
    <div className="pad">
      <p className="banner alarmed" role="alert">
        <span>
          {what} did not load: {problem?.sentence ?? "the page made a mistake."}
        </span>
        {retry && (
          <button className="btn" type="button" onClick={retry}>
            Try again
          </button>
        )}
      </p>
      {problem?.requestId && <p className="small faint">Request {problem.requestId}</p>}
    </div>
  );
}

/** Nothing is here, and what to do next. */
export function Empty({ title, children }: { title: string; children?: ReactNode }) {
  return (
    <div className="pad empty">
      <p className="big">{title}</p>
      <div className="quiet">{children}</div>
    </div>
  );
}
