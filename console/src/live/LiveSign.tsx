import { clock } from "../format/time";
import { type Live, useLiveState } from "./live";

/** Live, catching up, or offline since: as a sign and in words. */
export function LiveSign({ live, zone }: { live: Live; zone: string }) {
  const { status, lostAt } = useLiveState(live);
  const lost = status === "offline" || status === "signed-out";
  return (
    <p className={`live ${status}`} role="status">
      <svg viewBox="0 0 8 8" aria-hidden="true">
        {lost ? (
          <path d="M1 1l6 6M7 1L1 7" stroke="currentColor" strokeWidth="2" />
        ) : (
          <circle cx="4" cy="4" r="4" fill="currentColor" />
        )}
      </svg>
      {status === "live" && "Live"}
      {status === "connecting" && "Connecting"}
      {status === "catching-up" && "Catching up"}
      {status === "offline" && `Offline since ${clock(new Date(lostAt ?? 0), zone)}`}
      {status === "signed-out" && "Signed out"}
    </p>
  );
}

/** The engine has been replaced by another version while this page was open. */
export function NewVersion({ live }: { live: Live }) {
  if (!useLiveState(live).newVersion) return null;
  return (
    <p className="banner fixed-banner" role="status">
      A new version of the console is ready.
      <button className="btn" type="button" onClick={() => window.location.reload()}>
        Reload
      </button>
    </p>
  );
}
