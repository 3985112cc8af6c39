import { useEffect } from "react";
import { Key } from "../keys/Key";
import { say } from "../parts/notices";

interface Props {
  /** Leads that would stand elsewhere, come, or go. */
  count: number;
  bringUpToDate: () => void;
}

/** Leads have moved while the order is kept; one button brings the list up to date. */
export function Moved({ count, bringUpToDate }: Props) {
  useEffect(() => {
    if (count > 0) say(`${count} moved. The order is kept.`);
  }, [count]);
  if (count === 0) return null;
  return (
    <div className="moved in-queue">
      <p>
        <strong>{count} moved</strong> meanwhile. The order is kept.
      </p>
      <button className="btn" type="button" onClick={bringUpToDate}>
        Bring up to date <Key of="refresh" />
      </button>
    </div>
  );
}
