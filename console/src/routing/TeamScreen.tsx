import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import "../parts/administration.css";
import { Heading } from "../parts/Heading";
import { useMay } from "../session";

/** A screen about the team: people for all, routing for those who may change it. */
export function TeamScreen({
  title,
  end,
  children,
}: {
  title: string;
  end?: ReactNode;
  children: ReactNode;
}) {
  const may = useMay();
  return (
    <main id="main">
      <div className="top">
        {may("manage") ? (
          <>
            <Heading title={title} className="sr" />
            <nav className="views" aria-label="Team">
              <Link to="/team" activeOptions={{ exact: true }} activeProps={{ "aria-current": "page" }}>
                People
              </Link>
              <Link to="/team/routing" activeProps={{ "aria-current": "page" }}>
                Routing
              </Link>
            </nav>
          </>
        ) : (
          <Heading title={title} />
        )}
        {end && <p className="end">{end}</p>}
      </div>
      <div className="wrap">{children}</div>
    </main>
  );
}
