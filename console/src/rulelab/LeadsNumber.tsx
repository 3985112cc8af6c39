import { Link } from "@tanstack/react-router";
import type { Behind } from "./queries";

/** A number of a preview that opens the leads behind it; plain where there are none. */
export function LeadsNumber({
  previewId,
  count,
  behind,
  of,
}: {
  previewId: string;
  count: number;
  behind: Behind;
  /** What it counts, for those who do not see its place in the table. */
  of: string;
}) {
  const shown = count.toLocaleString("en-GB");
  if (count === 0) return <span className="faint">{shown}</span>;
  return (
    <Link
      className="link"
      to="/rules/previews/$previewId"
      params={{ previewId }}
      search={behind}
      replace
      resetScroll={false}
      hash="leads"
    >
      {shown}
      <span className="sr"> {of}</span>
    </Link>
  );
}
