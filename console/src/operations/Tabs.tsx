import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import "../parts/administration.css";
import { Heading } from "../parts/Heading";
import { useMay } from "../session";

const TABS = [
  { to: "/ops", name: "Overview" },
  { to: "/ops/work", name: "Due work" },
  { to: "/ops/events", name: "Live events" },
  { to: "/ops/sources", name: "Sources" },
  { to: "/ops/webhooks", name: "Webhooks" },
  { to: "/ops/keys", name: "API keys" },
  { to: "/ops/audit", name: "Audit log" },
] as const;

/** A screen of operations under the tabs of all of them; nothing for those who may not see it. */
export function OperationsScreen({ title, children }: { title: string; children: ReactNode }) {
  const may = useMay();
  return (
    <main id="main">
      <div className="top">
        <Heading title={title} className="sr" />
        <nav className="views" aria-label="Operations">
          {TABS.map(({ to, name }) => (
            <Link
              key={to}
              to={to}
              activeOptions={{ exact: to === "/ops" }}
              activeProps={{ "aria-current": "page" }}
            >
              {name}
            </Link>
          ))}
        </nav>
      </div>
      <div className="wrap">
        {may("manage") ? children : <p className="pad">This screen is for admins.</p>}
      </div>
    </main>
  );
}
