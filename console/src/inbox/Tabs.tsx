import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import "../parts/administration.css";
import { Heading } from "../parts/Heading";
import { useMay } from "../session";
import "./inbox.css";

const TABS = [
  { to: "/inbox", name: "Waiting", scope: "read" },
  { to: "/inbox/drafts", name: "Drafts", scope: "read" },
  { to: "/inbox/messages", name: "Messages", scope: "read" },
  { to: "/inbox/suppressions", name: "Suppression list", scope: "manage" },
] as const;

/** The line at the top of every screen of the inbox. */
export function InboxTop({ title, children }: { title: string; children?: ReactNode }) {
  const may = useMay();
  return (
    <div className="top">
      <Heading title={title} className="sr" />
      <nav className="views" aria-label="Inbox">
        {TABS.filter((one) => may(one.scope)).map(({ to, name }) => (
          <Link
            key={to}
            to={to}
            activeOptions={{ exact: to === "/inbox", includeSearch: false }}
            activeProps={{ "aria-current": "page" }}
          >
            {name}
          </Link>
        ))}
      </nav>
      {children}
    </div>
  );
}
