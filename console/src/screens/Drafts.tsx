/** Drafts that wait for a person: each can be changed, approved or rejected where it stands. */
import { useInfiniteQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { DraftItem } from "../inbox/DraftItem";
import { waitingDraftsQuery } from "../inbox/drafts";
import { InboxTop } from "../inbox/Tabs";
import { Pages } from "../parts/Pages";
import { Empty } from "../parts/states";

export function Drafts() {
  const drafts = useInfiniteQuery(waitingDraftsQuery);
  return (
    <main id="main">
      <InboxTop title="Drafts" />
      <div className="wrap">
        <section className="part" aria-label="Drafts that wait">
          <Pages
            query={drafts}
            what="The list"
            empty={
              <Empty title="No draft waits.">
                <p>Ask for one on the page of a lead; nobody gets it until somebody approves it.</p>
              </Empty>
            }
          >
            {(items) => (
              <ul className="entries">
                {items.map((one) => (
                  <li key={`${one.id} ${one.revision}`}>
                    <DraftItem
                      draft={one}
                      head={
                        <Link className="link" to="/leads/$leadId" params={{ leadId: one.leadId }}>
                          {one.leadId}
                        </Link>
                      }
                    />
                  </li>
                ))}
              </ul>
            )}
          </Pages>
        </section>
      </div>
    </main>
  );
}
